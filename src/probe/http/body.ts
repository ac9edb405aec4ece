import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync, type ZlibOptions } from 'node:zlib'
import type { Flag } from '../../tracker/outcome.js'
import { ProbeError } from '../prober.js'

/** The most a tracker may send, on the wire and inflated. */
export const MAX_BODY_BYTES = 1024 * 1024

/** A body without its content encoding, and what was odd about it. */
export interface PlainBody {
  readonly bytes: Uint8Array
  readonly flags: readonly Flag[]
}

const LIMIT: ZlibOptions = { maxOutputLength: MAX_BODY_BYTES }
const LENIENT: ZlibOptions = { ...LIMIT, finishFlush: constants.Z_SYNC_FLUSH }
const GZIP_HEADER_BYTES = 10
/** Each may inflate up to the limit, one after the other, and a header has room for twenty thousand. */
const MAX_CODINGS = 4

const decoders: Readonly<Record<string, (bytes: Uint8Array) => PlainBody>> = {
  identity: plain,
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: (bytes) =>
    plain(
      firstOf(
        () => inflateSync(bytes, LIMIT),
        () => inflateRawSync(bytes, LIMIT),
      ),
    ),
  br: (bytes) => plain(brotliDecompressSync(bytes, { maxOutputLength: MAX_BODY_BYTES })),
}

/** Undoes `Content-Encoding`, believing the bytes more than the header, since trackers get the header wrong. */
export function decodeContent(bytes: Uint8Array, contentEncoding: string | undefined): PlainBody {
  // Most answers are just what they are.
  if (contentEncoding === undefined && !isGzip(bytes)) return plain(bytes)
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter(Boolean)
  if (codings.length > MAX_CODINGS) {
    const found = `${codings.length} content encodings, expected at most ${MAX_CODINGS}`
    throw new ProbeError('http.unsupported_encoding', found)
  }
  if (codings.length === 0 && isGzip(bytes)) {
    return flagged(
      guarded(() => gunzip(bytes), 'gzip'),
      'http.unlabelled_gzip',
    )
  }
  if (codings.some((coding) => coding !== 'identity') && bytes[0] === 0x64 /* d */) {
    return { bytes, flags: ['http.mislabelled_encoding'] }
  }
  return codings.reduceRight<PlainBody>((body, coding) => {
    // The name is a stranger's, and `constructor` is one too.
    const decoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined
    if (decoder === undefined) throw new ProbeError('http.unsupported_encoding', `content encoding "${coding}"`)
    const decoded = guarded(() => decoder(body.bytes), coding)
    return { bytes: decoded.bytes, flags: [...body.flags, ...decoded.flags] }
  }, plain(bytes))
}

function guarded(decode: () => PlainBody, coding: string): PlainBody {
  try {
    return decode()
  } catch (error) {
    if (isTooLarge(error)) {
      throw new ProbeError('http.too_large', `more than ${MAX_BODY_BYTES} bytes after decoding`, { cause: error })
    }
    throw new ProbeError('http.encoding', `body is not valid ${coding}`, { cause: error })
  }
}

/** A cut or damaged end of the stream does not matter where the answer before it is whole. */
function gunzip(bytes: Uint8Array): PlainBody {
  try {
    return plain(gunzipSync(bytes, LIMIT))
  } catch (error) {
    if (isTooLarge(error) || !isGzip(bytes)) throw error
    return flagged(plain(inflateRawSync(bytes.subarray(GZIP_HEADER_BYTES), LENIENT)), 'http.truncated_gzip')
  }
}

function firstOf(first: () => Uint8Array, second: () => Uint8Array): Uint8Array {
  try {
    return first()
  } catch (error) {
    if (isTooLarge(error)) throw error
    return second()
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}

function plain(bytes: Uint8Array): PlainBody {
  return { bytes, flags: [] }
}

function flagged(body: PlainBody, flag: Flag): PlainBody {
  return { bytes: body.bytes, flags: [...body.flags, flag] }
}
