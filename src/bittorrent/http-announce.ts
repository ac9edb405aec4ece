import { checkInteger, checkLength, decimal } from './amount.js'
import type { Announce } from './announce.js'
import { readAnnounce, readRefusal } from './announce-dict.js'
import { decodeAnswer } from './bencoded-answer.js'
import type { AnnounceReply, RefusedReply, ScrapeReply } from './reply.js'
import { readScrape } from './scrape-dict.js'

export { isWholeDictionary, UnrecognizedAnswerError } from './bencoded-answer.js'

/** What an HTTP announce carries (BEP 3, 7, 23). All values are sent as given, 0 included. */
export interface HttpAnnounce extends Announce {
  /** 0 to 65535. */
  readonly port: number
  /** A negative number is left out: chihaya refuses it, and aquatic does not answer at all. */
  readonly numWant: number
  /** A number is unsigned 32 bit and sent as 8 hex digits; a text is sent as it is. */
  readonly key: number | string
  /** Null to be known by the source address. */
  readonly ip: string | null
  /** What the tracker called `tracker id` earlier, one character per byte. */
  readonly trackerId: string | null
}

const HASH_LENGTH = 20
const PERCENT = 0x25
const HEX_DIGITS = '0123456789ABCDEF'
const STARTED = 'event=started'

/** Every byte but the unreserved characters as `%XX`: the form that all trackers decode. */
export function percentEncodeBytes(bytes: Uint8Array): string {
  const text = Buffer.allocUnsafe(3 * bytes.length)
  let length = 0
  bytes.forEach((byte) => {
    if (isUnreserved(byte)) {
      text[length++] = byte
    } else {
      text[length++] = PERCENT
      text[length++] = HEX_DIGITS.charCodeAt(byte >> 4)
      text[length++] = HEX_DIGITS.charCodeAt(byte & 15)
    }
  })
  return text.toString('latin1', 0, length)
}

/** RFC 3986, 2.3. */
function isUnreserved(byte: number): boolean {
  const lowerCase = byte | 0x20
  if (lowerCase >= 0x61 && lowerCase <= 0x7a) return true
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e || byte === 0x5f || byte === 0x7e
}

/**
 * Path and query to request for an announce. `path` is that of the announce URL and stays byte by byte as it is: it may
 * carry a passkey. Every parameter has a value, because aquatic counts `=` and `&`. Throws a RangeError that names the
 * field if a value is out of range.
 */
export function announcePath(path: string, request: HttpAnnounce): string {
  checkLength('info hash', request.infoHash, HASH_LENGTH)
  checkLength('peer id', request.peerId, HASH_LENGTH)
  checkInteger('port', request.port, 0, 65535)
  checkInteger('num want', request.numWant, -0x80000000, 0x7fffffff)
  const parameters = [
    `info_hash=${percentEncodeBytes(request.infoHash)}`,
    `peer_id=${percentEncodeBytes(request.peerId)}`,
    `port=${request.port}`,
    `uploaded=${decimal('uploaded', request.uploaded)}`,
    `downloaded=${decimal('downloaded', request.downloaded)}`,
    `left=${decimal('left', request.left)}`,
    'compact=1',
  ]
  if (request.numWant >= 0) parameters.push(`numwant=${request.numWant}`)
  parameters.push(`key=${keyText(request.key)}`)
  if (request.event !== 'none') parameters.push(`event=${request.event}`)
  if (request.ip !== null) parameters.push(`ip=${percentEncodeBytes(Buffer.from(request.ip))}`)
  if (request.trackerId !== null) {
    parameters.push(`trackerid=${percentEncodeBytes(Buffer.from(request.trackerId, 'latin1'))}`)
  }
  return withQuery(path, parameters)
}

/**
 * The request of an announce turned into the one that takes leave, null where it does not say `event=started`. Of several
 * the last one counts, which is ours: the announce URL may have parameters of its own.
 */
export function stoppedPath(requested: string): string | null {
  const at = requested.lastIndexOf(STARTED)
  if (at < 0) return null
  return `${requested.slice(0, at)}event=stopped${requested.slice(at + STARTED.length)}`
}

/**
 * The announce path turned into that of the scrape (BEP 48), null where the tracker has none by this convention: the
 * last segment begins with `announce` (`/x/announce.php`), or one before it equals `announce` (`/announce/KEY`).
 */
export function scrapePath(path: string): string | null {
  const [, raw = '', query = ''] = /^([^?#]*)(\?[^#]*)?/.exec(path) ?? []
  const segments = raw.split('/')
  const last = segments.length - 1
  const beginsWith = segments[last]?.startsWith('announce') === true
  const index = beginsWith ? last : segments.lastIndexOf('announce')
  if (index < 0) return null
  const scrape = segments.with(index, `scrape${segments[index]?.slice('announce'.length)}`)
  return scrape.join('/') + query
}

/** Path and query to request for a scrape of 1 or more info hashes, null where the tracker has no scrape. */
export function scrapeRequestPath(path: string, infoHashes: readonly Uint8Array[]): string | null {
  checkInteger('number of info hashes', infoHashes.length, 1, Number.MAX_SAFE_INTEGER)
  const scrape = scrapePath(path)
  if (scrape === null) return null
  const parameters = infoHashes.map((infoHash) => {
    checkLength('info hash', infoHash, HASH_LENGTH)
    return `info_hash=${percentEncodeBytes(infoHash)}`
  })
  return withQuery(scrape, parameters)
}

/**
 * The body of an answer to an announce. Throws a BencodeError where it is damaged, and an UnrecognizedAnswerError where
 * it is no tracker's answer.
 */
export function decodeAnnounceBody(bytes: Uint8Array): AnnounceReply | RefusedReply {
  const { dict, flags } = decodeAnswer(bytes)
  return readRefusal(dict, flags) ?? { kind: 'announce', announce: readAnnounce(dict, flags), flags }
}

/** The body of an answer to a scrape of `infoHashes`. Throws like `decodeAnnounceBody`. */
export function decodeScrapeBody(bytes: Uint8Array, infoHashes: readonly Uint8Array[]): ScrapeReply | RefusedReply {
  const { dict, flags } = decodeAnswer(bytes)
  return readRefusal(dict, flags) ?? { kind: 'scrape', entries: readScrape(dict, infoHashes, flags), flags }
}

function withQuery(path: string, parameters: readonly string[]): string {
  const given = path.split('#', 1)[0] ?? ''
  const rooted = given.startsWith('/') ? given : `/${given}`
  const joint = rooted.includes('?') ? (/[?&]$/.test(rooted) ? '' : '&') : '?'
  return rooted + joint + parameters.join('&')
}

function keyText(key: number | string): string {
  if (typeof key === 'string') return percentEncodeBytes(Buffer.from(key))
  checkInteger('key', key, 0, 0xffffffff)
  return key.toString(16).toUpperCase().padStart(8, '0')
}
