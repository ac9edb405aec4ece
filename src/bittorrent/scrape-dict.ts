import type { Flag } from '../tracker/outcome.js'
import { readCount, unrecognized } from './announce-dict.js'
import type { BencodeDict, BencodeValue } from './bencode.js'
import { isDict } from './bencoded-answer.js'
import { latin1 } from './latin1.js'
import { addFlag, plausibleCount, type ScrapeRow } from './reply.js'

/**
 * The rows of `infoHashes` in a scrape dictionary (BEP 48), null where the tracker does not know one: opentracker
 * leaves such hashes out. Adds what is odd to `flags`.
 */
export function readScrape(
  dict: BencodeDict,
  infoHashes: readonly Uint8Array[],
  flags: Flag[],
): readonly (ScrapeRow | null)[] {
  const files = readFiles(dict, flags)
  return infoHashes.map((infoHash) => {
    const row = files === null ? undefined : findRow(files, infoHash, infoHashes.length, flags)
    if (row === undefined && files !== null) addFlag(flags, 'scrape_unknown_torrent')
    return row === undefined ? null : readRow(row, flags)
  })
}

/** Some trackers write `host` for `files`. */
function readFiles(dict: BencodeDict, flags: Flag[]): BencodeDict | null {
  const files = dict.get('files') ?? dict.get('host')
  if (files === undefined) throw unrecognized(dict, ['files'])
  if (!isDict(files) || !dict.has('files')) flags.push('type_files')
  return isDict(files) ? files : null
}

function findRow(files: BencodeDict, infoHash: Uint8Array, asked: number, flags: Flag[]): BencodeValue | undefined {
  const key = latin1(infoHash)
  const exact = files.get(key)
  if (exact !== undefined) return exact
  const mangled = files.get(asUtf8(key)) ?? (asked === 1 ? onlyOddRow(files) : undefined)
  if (mangled !== undefined) addFlag(flags, 'scrape_key_mangled')
  return mangled
}

/** How webtorrent's server writes an info hash: the bytes taken for characters and encoded once more. */
function asUtf8(key: string): string {
  return Buffer.from(key, 'utf8').toString('latin1')
}

/** The one row under a key that is no info hash at all; one under another info hash is another torrent. */
function onlyOddRow(files: BencodeDict): BencodeValue | undefined {
  const [only, ...others] = files
  return only === undefined || others.length > 0 || only[0].length === 20 ? undefined : only[1]
}

function readRow(row: BencodeValue, flags: Flag[]): ScrapeRow | null {
  if (!isDict(row) || (!row.has('complete') && !row.has('incomplete'))) {
    addFlag(flags, 'counts_invalid')
    return null
  }
  const downloaded = row.get('downloaded')
  return {
    seeders: readCount(row.get('complete'), flags) ?? 0,
    leechers: readCount(row.get('incomplete'), flags) ?? 0,
    downloads: typeof downloaded === 'number' ? plausibleCount(downloaded, flags) : null,
  }
}
