import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bencodeText } from '../support/encode.js'
import type { DemoTracker } from './trackers.js'

/** What the commands of README.md read: all trackers as a list, and a private torrent of those that are healthy. */
export async function writeInputs(folder: string, trackers: readonly DemoTracker[]): Promise<void> {
  await writeFile(join(folder, 'trackers.txt'), trackers.map(({ url }) => `${url}\n`).join(''))
  const healthy = trackers.filter(({ pretends }) => pretends.startsWith('healthy')).map(({ url }) => url)
  await writeFile(join(folder, 'demo.torrent'), torrentOf(healthy))
}

/** An empty file of version 1 (BEP 3), each tracker in a tier of its own (BEP 12). */
function torrentOf(trackers: readonly string[]): Buffer {
  const info = { name: 'demo', length: 0, 'piece length': 16_384, pieces: '', private: 1 }
  return bencodeText({ announce: trackers[0] ?? '', 'announce-list': trackers.map((url) => [url]), info })
}
