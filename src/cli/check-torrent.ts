import { MagnetError, parseMagnet } from '../bittorrent/magnet.js'
import { MAX_TORRENT_BYTES, parseTorrent, TorrentError } from '../bittorrent/torrent.js'
import { FileError, readBinaryFile } from '../config/text-file.js'
import { type CheckInput, checkInputOf } from './check-input.js'
import { UsageError } from './usage.js'

/** The trackers of one torrent, and its info hash, which is for them alone (BEP 27). */
export interface TorrentInput extends CheckInput {
  readonly infoHash: Uint8Array
}

/** What the flags of `check` name beside or instead of a torrent. */
interface Given {
  readonly urls: readonly string[]
  readonly file: readonly string[]
  readonly infoHash?: Uint8Array
  readonly torrent?: string
  readonly magnet?: string
}

/**
 * The input that `--torrent` or `--magnet` names, null where neither is given. Throws a `UsageError` for a torrent that
 * cannot be read, has no tracker or does not stand alone.
 */
export async function readTorrentInput(given: Given): Promise<TorrentInput | null> {
  const { torrent, magnet } = given
  if (torrent !== undefined) {
    expectAlone('--torrent', given)
    return inputOf(torrent, await readTorrent(torrent))
  }
  if (magnet === undefined) return null
  expectAlone('--magnet', given)
  return inputOf('--magnet', readMagnet(magnet))
}

/** For a flag whose second use would silently replace the first. */
export function onlyOnce(flag: string): (text: string, earlier: string | undefined) => string {
  return (text, earlier) => {
    if (earlier === undefined) return text
    throw new UsageError(`${flag} is given twice, expected one torrent at a time`)
  }
}

function expectAlone(flag: string, { urls, file, infoHash, torrent, magnet }: Given): void {
  const isGiven = {
    'announce URLs': urls.length > 0,
    '-f': file.length > 0,
    '--info-hash': infoHash !== undefined,
    '--torrent': torrent !== undefined,
    '--magnet': magnet !== undefined,
  }
  const others = Object.entries(isGiven).flatMap(([name, given]) => (given && name !== flag ? [name] : []))
  if (others.length === 0) return
  throw new UsageError(
    `${flag} beside ${others.join(' and ')}, expected it alone: its info hash is for its own trackers only`,
  )
}

interface Named {
  readonly infoHashes: readonly Uint8Array[]
  readonly trackers: readonly string[]
}

function inputOf(name: string, { infoHashes, trackers }: Named): TorrentInput {
  const [infoHash] = infoHashes
  if (infoHash === undefined) throw new Error('a torrent without an info hash')
  if (trackers.length === 0) {
    throw new UsageError(`${name}: a torrent without trackers (it finds peers by the DHT), expected one with trackers`)
  }
  return { ...checkInputOf(trackers, () => 'torrent'), infoHash }
}

async function readTorrent(file: string): Promise<Named> {
  try {
    return parseTorrent(await readBinaryFile(file, MAX_TORRENT_BYTES))
  } catch (error) {
    if (!(error instanceof FileError || error instanceof TorrentError)) throw error
    throw new UsageError(`${file}: ${error.message}`, { cause: error })
  }
}

function readMagnet(uri: string): Named {
  try {
    return parseMagnet(uri)
  } catch (error) {
    if (error instanceof MagnetError) throw new UsageError(`--magnet: ${error.message}`, { cause: error })
    throw error
  }
}
