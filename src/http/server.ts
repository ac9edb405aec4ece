import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Hono } from 'hono'
import { createCachedListener } from './cached-listener.js'
import { createResponseCache, type ResponseCache } from './response-cache.js'

export interface ServerAddress {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** How long answers under way may take once the server is asked to stop; 5000 ms by default. */
  readonly stopGraceMs?: number
  /** How long a client may take to send the head of a request; 10,000 ms by default. Its body may take 20 s more. */
  readonly headMs?: number
}

const HEAD_MS = 10_000
const BODY_MS = 20_000
/** Connections that have had their time are looked for this often. */
const LOOK_EVERY_MS = 5_000

/** The address cannot be listened on. The message says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

export interface RunningServer {
  /** Without a trailing slash. */
  readonly url: string
  readonly port: number
  /** Idempotent. Takes no more connections, closes idle ones, waits a while for answers under way. */
  readonly stop: () => Promise<void>
}

/**
 * Starts to listen. Whoever changes what the app shows clears the cache.
 * @throws {ListenError} with a sentence for the operator if the address cannot be listened on.
 */
export async function startServer(
  app: Pick<Hono, 'fetch'>,
  address: ServerAddress,
  cache: ResponseCache = createResponseCache(),
): Promise<RunningServer> {
  const { headMs = HEAD_MS } = address
  const server = createServer(
    // Idle connections outlive those of a usual reverse proxy (60 s), which otherwise meets closed ones now and then.
    {
      headersTimeout: headMs,
      requestTimeout: headMs + BODY_MS,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, headMs),
    },
    createCachedListener(app, cache),
  )
  // A keep-alive connection that is busy when we stop would stay open, idle, after its answer.
  server.on('request', (_request, response) => {
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections()
    })
  })
  server.listen({ port: address.port, host: address.host })
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new ListenError(listenProblem(address, cause), { cause })
  }
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('the HTTP server has no port')
  let stopped: Promise<void> | undefined
  return {
    url: `http://${hostPort(address.host, bound.port)}`,
    port: bound.port,
    stop: () => {
      stopped ??= stop(server, address.stopGraceMs ?? 5_000)
      return stopped
    },
  }
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  try {
    await closed
  } finally {
    clearTimeout(timer)
  }
}

function hostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function listenProblem({ host, port }: ServerAddress, cause: unknown): string {
  const where = `cannot listen on ${hostPort(host, port)}`
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  switch (code) {
    case 'EADDRINUSE':
      return `${where}: another program uses this port; stop it or choose another port with "listen"`
    case 'EACCES':
      return `${where}: not permitted for this user; choose a port above 1023 with "listen"`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${where}: this machine has no such address; use 127.0.0.1, 0.0.0.0 or one of its own with "listen"`
    default:
      return `${where}: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}
