import { constants, createReadStream, openSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { listTextProblem, MAX_LIST_CHARACTERS } from '../tracker/list.js'
import { maskUrl } from '../tracker/mask.js'
import { fetchStream } from './list-fetch.js'

/** A source of a list that cannot be read, in words for the operator; names the source, its secrets masked. */
export class ListSourceError extends Error {
  override readonly name = 'ListSourceError'
}

export interface ReadListOptions {
  /** At most this much is read, after decompression. Default 8 MiB. */
  readonly maxBytes?: number
  /** For a URL: the whole of it, redirects and body included; default 30,000 ms. A file or stdin has all the time. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** What `-` stands for. Default `process.stdin`. */
  readonly stdin?: Readable
}

const DEFAULT_TIMEOUT_MS = 30_000

/**
 * Text of a list from a file, a pipe, `-` (stdin) or an http(s) URL, streamed and never more than `maxBytes` of it, so
 * that an endless source ends with an error. Throws `ListSourceError`; when `signal` aborts, its reason.
 */
export async function readList(source: string, options: ReadListOptions = {}): Promise<string> {
  const { maxBytes = MAX_LIST_CHARACTERS, timeoutMs = DEFAULT_TIMEOUT_MS, signal, stdin } = options
  try {
    const text = /^https?:\/\//i.test(source)
      ? await withDeadline(timeoutMs, signal, async (limit) =>
          collect(await fetchStream(source, limit), maxBytes, limit),
        )
      : await collect(source === '-' ? (stdin ?? process.stdin) : await openFile(source), maxBytes, signal)
    const unfit = listTextProblem(text)
    if (unfit !== null) throw new Error(unfit)
    return text
  } catch (error) {
    signal?.throwIfAborted()
    const name = source === '-' ? 'standard input' : maskUrl(source)
    throw new ListSourceError(`${name}: ${sentence(error)}`, { cause: error })
  }
}

/** Bytes of a stream as UTF-8 text. Destroys the stream if it is too long, fails or the signal aborts. */
function collect(stream: Readable, maxBytes: number, signal: AbortSignal | undefined): Promise<string> {
  const read = async (source: AsyncIterable<Buffer | string>) => {
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of source) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      length += bytes.length
      if (length > maxBytes) throw new Error(`more than ${maxBytes} bytes, expected a list of announce URLs`)
      chunks.push(bytes)
    }
    return Buffer.concat(chunks).toString('utf8')
  }
  return signal === undefined ? pipeline(stream, read) : pipeline(stream, read, { signal })
}

/** A pipe (a shell's `<(…)`) is opened without waiting for a writer, which would block a thread and cannot be cancelled. */
async function openFile(file: string): Promise<Readable> {
  const found = await stat(file)
  if (found.isDirectory()) throw new Error('is a directory, expected a file')
  if (found.isFile() || found.isCharacterDevice()) return createReadStream(file)
  if (!found.isFIFO()) throw new Error('is neither a file nor a pipe')
  return new Socket({ fd: openSync(file, constants.O_RDONLY | constants.O_NONBLOCK), writable: false })
}

/** Like the one in `probe`, which this folder may not know. Not `AbortSignal.timeout`, see style.md, trap 1. */
async function withDeadline<T>(
  timeoutMs: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent?.throwIfAborted()
  const controller = new AbortController()
  const onAbort = () => controller.abort(parent?.reason)
  const timer = setTimeout(
    () => controller.abort(new Error(`no complete answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  )
  parent?.addEventListener('abort', onAbort, { once: true })
  try {
    return await work(controller.signal)
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error
  } finally {
    clearTimeout(timer)
    parent?.removeEventListener('abort', onAbort)
  }
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file, expected a file, "-" or an http(s) URL'
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it'
  if (code === 'ENOTFOUND') return 'the host is not known, check the address'
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return 'the connection ended within the answer'
  return error.message === '' ? `cannot be read (${code})` : error.message
}
