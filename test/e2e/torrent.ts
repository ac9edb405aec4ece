import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { bencodeText } from '../support/encode.js'

/** A small torrent that names no tracker and that nobody has. */
export function writeTorrent(file: string): { readonly infoHash: string } {
  const content = randomBytes(16_384)
  const info = {
    length: content.length,
    name: 'nothing.bin',
    'piece length': 16_384,
    pieces: createHash('sha1').update(content).digest(),
  }
  writeFileSync(file, bencodeText({ info }))
  return { infoHash: createHash('sha1').update(bencodeText(info)).digest('hex') }
}
