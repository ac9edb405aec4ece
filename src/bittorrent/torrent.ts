import { hash } from 'node:crypto'
import { BencodeError, type BencodeValue, decodeBencode } from './bencode.js'
import { rawEntries } from './bencode-entries.js'
import type { BencodeLimits } from './bencode-guard.js'
import { kindOf } from './bencoded-answer.js'

/** What a torrent file (BEP 3) says of its trackers, and what they know it by. */
export interface Torrent {
  readonly name: string | null
  /** 20 bytes each: of version 1 the SHA-1, of version 2 the SHA-256 cut to 20 bytes (BEP 52); of a hybrid both, in this order. */
  readonly infoHashes: readonly Uint8Array[]
  /** `announce` and the tiers of `announce-list` (BEP 12) in order, each text once; empty where peers come from the DHT alone. */
  readonly trackers: readonly string[]
  /** Peers come from its own trackers alone, and only these may know of it (BEP 27). */
  readonly isPrivate: boolean
}

/** Bytes that are no torrent file, in words for the operator. */
export class TorrentError extends Error {
  override readonly name = 'TorrentError'
}

export const MAX_TORRENT_BYTES = 32 * 1024 * 1024

/** About 250,000 files, in folders 120 deep: the file tree of BEP 52 nests as they do. */
const LIMITS: BencodeLimits = { maxBytes: MAX_TORRENT_BYTES, maxDepth: 128, maxTokens: 2_000_000 }
const HASH_LENGTH = 20

type Entries = ReadonlyMap<string, Uint8Array>

/** Bytes of a torrent file of at most 32 MiB → what concerns its trackers. Else throws a `TorrentError`. */
export function parseTorrent(bytes: Uint8Array): Torrent {
  const torrent = entriesOf('no torrent file', bytes)
  const info = torrent.get('info')
  if (info === undefined) throw new TorrentError('no "info" in it, expected a torrent file (BEP 3)')
  const about = entriesOf('"info"', info)
  const name = decodedAt(about, 'name')
  return {
    name: name instanceof Uint8Array ? utf8(name) : null,
    infoHashes: infoHashesOf(info, about),
    trackers: trackersOf(torrent),
    isPrivate: decodedAt(about, 'private') === 1,
  }
}

function infoHashesOf(info: Uint8Array, about: Entries): readonly Uint8Array[] {
  const version = decodedAt(about, 'meta version') ?? 1
  if (version !== 1 && version !== 2) {
    const shown = typeof version === 'object' ? `a ${kindOf(version)}` : String(version)
    throw new TorrentError(`"meta version" of "info" is ${shown}, expected 1 or 2 (BEP 52)`)
  }
  const hasPieces = about.has('pieces')
  if (version === 1 && !hasPieces) throw new TorrentError('no "pieces" in "info", expected them in version 1 (BEP 3)')
  if (version === 2 && !about.has('file tree')) {
    throw new TorrentError('no "file tree" in "info", expected it in version 2 (BEP 52)')
  }
  const v1 = hasPieces ? [hash('sha1', info, 'buffer')] : []
  const v2 = version === 2 ? [hash('sha256', info, 'buffer').subarray(0, HASH_LENGTH)] : []
  return [...v1, ...v2]
}

function trackersOf(torrent: Entries): readonly string[] {
  const announce = decodedAt(torrent, 'announce')
  const tiers = decodedAt(torrent, 'announce-list') ?? []
  if (!isList(tiers)) throw wrongKind('"announce-list"', tiers, 'a list of tiers (BEP 12)')
  // Some programs write a list of URLs: each is a tier then.
  const listed = tiers.flatMap((tier) => (isList(tier) ? tier : [tier]))
  const texts = [
    ...(announce === undefined ? [] : [textOf('"announce"', announce)]),
    ...listed.map((url) => textOf('an entry of "announce-list"', url)),
  ]
  return [...new Set(texts.filter((text) => text.trim() !== ''))]
}

function textOf(what: string, value: BencodeValue): string {
  if (value instanceof Uint8Array) return utf8(value)
  throw wrongKind(what, value, 'an announce URL')
}

function wrongKind(what: string, value: BencodeValue, expected: string): TorrentError {
  return new TorrentError(`${what} is a bencoded ${kindOf(value)}, expected ${expected}`)
}

function entriesOf(what: string, bytes: Uint8Array): Entries {
  return explained(what, () => rawEntries(bytes, LIMITS))
}

/** Decoded as an answer of a tracker is, within the same limits: what is large in a torrent is not looked at. */
function decodedAt(entries: Entries, key: string): BencodeValue | undefined {
  const bytes = entries.get(key)
  return bytes === undefined ? undefined : explained(`"${key}"`, () => decodeBencode(bytes).value)
}

function explained<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof BencodeError) throw new TorrentError(`${what}: ${error.message}`, { cause: error })
    throw error
  }
}

function isList(value: BencodeValue): value is readonly BencodeValue[] {
  return Array.isArray(value)
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
