import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { bencodeText, compactPeer6, compactPeers } from '../support/encode.js'
import { httpAnswer } from '../support/http-tracker.js'
import { damaged, damages } from './damage.js'

/** Inputs that come close to what trackers send, which reach deeper than noise; and noise. */

export const noise = fc.uint8Array({ maxLength: 300 })

const peers = compactPeers('192.0.2.1:6881', '198.51.100.7:80')
const peers6 = compactPeer6('20010db8000000000000000000000001', 51413)
const wholeBodies = [
  bencodeText({ complete: 1, incomplete: 0, interval: 1800, 'min interval': 900, peers, 'tracker id': 'x' }),
  bencodeText({
    interval: 1800,
    peers: '',
    peers6,
    'external ip': Buffer.from([192, 0, 2, 1]),
    'warning message': 'soon',
  }),
  bencodeText({
    interval: 1800,
    peers: [
      { ip: '192.0.2.1', port: 1, 'peer id': 'x'.repeat(20) },
      { ip: 'a.b', port: 2 },
    ],
  }),
  bencodeText({ 'failure reason': 'unregistered torrent', interval: 60, 'retry in': 'never' }),
  bencodeText({
    files: { ['\xaa'.repeat(20)]: { complete: 1, downloaded: 2, incomplete: 3 } },
    flags: { min_request_interval: 60 },
  }),
]

const key = fc.constantFrom(
  ...['interval', 'min interval', 'peers', 'peers6', 'complete', 'incomplete', 'tracker id', 'failure reason'],
  ...['warning message', 'retry in', 'external ip', 'files', 'downloaded', 'flags', 'ip', 'port', '__proto__', ''],
  '\xaa'.repeat(20),
)
type Odd = number | bigint | string | Uint8Array | Odd[] | { [key: string]: Odd }
const odd: fc.Arbitrary<Odd> = fc.letrec<{ value: Odd }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(-1, 0, 1, 59, 1800, 86_401, 65_536, 2 ** 31, 2 ** 53),
    fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }),
    fc.constantFrom('', '5', 'never', 'no', '192.0.2.1', '::1', '\u001b[31mred', 'x'.repeat(300)),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5 }),
  ),
})).value

/** The body of an answer over HTTP, not compressed. */
export const body: fc.Arbitrary<Buffer> = fc.oneof(
  fc.tuple(fc.constantFrom(...wholeBodies), damages).map(([whole, made]) => damaged(whole, made)),
  fc.dictionary(key, odd, { maxKeys: 8 }).map((dict) => bencodeText(dict)),
  noise.map((bytes) => Buffer.from(bytes)),
  fc.constantFrom('<html><title>\u001b[2JSold</title>', '{"a":1}', 'Not Found', '').map((text) => Buffer.from(text)),
)

const compressions: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
  (bytes) => bytes,
  gzipSync,
  deflateSync,
  deflateRawSync,
  brotliCompressSync,
  (bytes) => gzipSync(gzipSync(bytes)),
]
const encodings = [
  'gzip',
  'x-gzip',
  'deflate',
  'br',
  'identity',
  'zstd',
  '',
  'gzip, gzip',
  'gzip,deflate',
  'GZIP ,',
  ';=',
]

/** A body and how it says that it is compressed, which may be another way. */
export const encodedBody: fc.Arbitrary<{ readonly bytes: Buffer; readonly encoding: string | undefined }> = fc
  .tuple(body, fc.constantFrom(...compressions), damages, fc.option(fc.constantFrom(...encodings), { nil: undefined }))
  .map(([plain, compress, made, encoding]) => ({ bytes: damaged(compress(plain), made), encoding }))

const status = fc.constantFrom(
  ...['200 OK', '200 Not Authorized', '200 \u001b[2J', '206 Part', '301 Moved', '304 Not Modified', '403 Forbidden'],
  ...['429 Slow', '503 Busy', '204 None', '101 Switching Protocols', '999 ?', '503 \u001b[2J'],
)
const header = fc.constantFrom(
  ...[
    'Location: /x',
    'Location: http://[::1',
    'Location: udp://a:1',
    'Location: \u001b[2J',
    'Retry-After: 5',
    'Retry-After: x',
  ],
  ...[
    'Transfer-Encoding: chunked',
    'Content-Type: text/html',
    'Connection: keep-alive',
    'Set-Cookie: a',
    'cf-mitigated: x',
  ],
)

/** What an HTTP server sends, from the first byte on: a whole head with any body behind it, or not even that. */
export const httpBytes: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 3, arbitrary: body.map((bytes) => httpAnswer(bytes)) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(encodedBody, status, fc.array(header, { maxLength: 2 }))
      .map(([{ bytes, encoding }, said, headers]) =>
        httpAnswer(bytes, encoding === undefined ? headers : [...headers, `Content-Encoding: ${encoding}`], said),
      ),
  },
  fc
    .tuple(encodedBody, damages)
    .map(([{ bytes }, made]) => damaged(httpAnswer(bytes, ['Content-Encoding: gzip']), made)),
  damages.map((made) =>
    damaged(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nd8:int\r\n0\r\n\r\n'), made),
  ),
  noise.map((bytes) => Buffer.from(bytes)),
)

const wsKey = fc.constantFrom(
  ...['action', 'info_hash', 'interval', 'complete', 'incomplete', 'failure reason', 'warning message', 'tracker id'],
  ...['min interval', 'min_interval', 'offer', 'answer', 'files', 'peers', '__proto__', 'toString'],
)

/** Fields that take the place of those in the answer of a WebSocket tracker, or come beside them. */
export const wsFields: fc.Arbitrary<object> = fc.oneof(
  fc.constant({}),
  fc.dictionary(wsKey, fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 1.5, 1e300, '', '5', null, {}, [])), {
    maxKeys: 5,
  }),
)
