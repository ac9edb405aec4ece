import { sanitiseText } from '../../bittorrent/rejection.js'
import { ProbeError } from '../prober.js'

const EXCERPT_LENGTH = 60

/** What answers in place of HTTP, by its first bytes. */
const strangers: readonly (readonly [start: RegExp, words: string])[] = [
  [/^d\d{1,3}:/, 'bencode without an HTTP header'],
  [/^\x15\x03/, 'a TLS alert, try https://'],
]

/** An error of Node's HTTP parser with the bytes that it stumbled over; any other error as it is. */
export function explainParseError(error: Error): Error {
  if (!('rawPacket' in error && error.rawPacket instanceof Uint8Array)) return error
  const start = Buffer.from(error.rawPacket.subarray(0, 4 * EXCERPT_LENGTH))
  const stranger = strangers.find(([pattern]) => pattern.test(start.toString('latin1')))
  const words = stranger?.[1] ?? error.message.replace(/^Parse Error: /, 'HTTP cannot be parsed: ')
  const excerpt = sanitiseText(start).slice(0, EXCERPT_LENGTH)
  return new ProbeError('http.parse', `${words}, received "${excerpt}"`, { cause: error })
}
