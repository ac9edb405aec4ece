import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { clientAddress, clientKey } from './client-address.js'
import { plain } from './plain.js'

export interface BucketOptions {
  /** What a client may take at once, and what its bucket holds after a while. */
  readonly capacity: number
  /** How fast it fills again. */
  readonly perSecond: number
  /** Clients remembered; those not seen for longest are forgotten, as if their buckets were full. */
  readonly maxClients?: number
  /** A clock that never goes back, ms. */
  readonly nowMs?: () => number
}

export interface Buckets {
  /** Takes one from the bucket of a client: 0, or the seconds after which there will be one, rounded up. */
  take(client: string): number
}

const MAX_CLIENTS = 10_000

/** Token buckets, one per client, in bounded memory. */
export function createBuckets(options: BucketOptions): Buckets {
  const { capacity, perSecond, maxClients = MAX_CLIENTS, nowMs = () => performance.now() } = options
  const buckets = new Map<string, { readonly left: number; readonly atMs: number }>()
  return {
    take: (client) => {
      const atMs = nowMs()
      const before = buckets.get(client) ?? { left: capacity, atMs }
      const left = Math.min(capacity, before.left + ((atMs - before.atMs) / 1000) * perSecond)
      // Taken out and put in again, so that the first in the map is the one not seen for longest.
      buckets.delete(client)
      buckets.set(client, { left: left >= 1 ? left - 1 : left, atMs })
      if (buckets.size > maxClients) buckets.delete(buckets.keys().next().value ?? '')
      return left >= 1 ? 0 : Math.ceil((1 - left) / perSecond)
    },
  }
}

/** Refuses a client that asks too often for what costs. */
export function limitRate(buckets: Buckets): MiddlewareHandler {
  return async (c, next) => {
    const waitS = buckets.take(clientKey(clientAddress(c)))
    return waitS === 0 ? next() : tooMany(c, waitS)
  }
}

/** Only where something is sent, be it a token, which may be a guess. */
export function whereSent(middleware: MiddlewareHandler): MiddlewareHandler {
  return (c, next) =>
    c.req.method === 'POST' || c.req.header('Authorization') !== undefined ? middleware(c, next) : next()
}

function tooMany(c: Context, waitS: number): Response {
  c.header('Retry-After', String(waitS))
  return plain(c, `too many requests from your address, try again in ${waitS} s\n`, 429)
}

/** Refuses a body above so many bytes, before it is read where its length is told. */
export function limitBody(maxBytes: number): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize: maxBytes,
    onError: (c) => plain(c, `the body of the request is too long, expected at most ${maxBytes} bytes\n`, 413),
  })
  return (c, next) => {
    const { body, headers } = c.req.raw
    const isLengthTold = headers.has('Content-Length') && !headers.has('Transfer-Encoding')
    if (body !== null && !isLengthTold) c.req.raw = copyOf(c.req.raw)
    return limit(c, next)
  }
}

/** The platform's own kind of Request: from the server's, which only looks like one, `bodyLimit` cannot make another. */
function copyOf({ url, method, headers, body }: Request): Request {
  return new Request(url, { method, headers, body, duplex: 'half' })
}
