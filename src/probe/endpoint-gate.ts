import type { AbortSignalLike } from './deadline.js'

/**
 * One probe at a time per address and port, and one in a second: many announce URLs of one server are still one server.
 * What the protocol is makes no difference.
 */
export interface EndpointGate {
  /** Turns for those who would rather not be served than wait longer than `limitMs`. */
  turns(limitMs: number): TakeTurn
  /** Endpoints that are held in memory: those in use, waited for, or used a moment ago. */
  size(): number
}

/**
 * Waits for a turn, first come, first served. Resolves with what ends the turn, to be called once, or with null where
 * it would take too long. Rejects with the signal's reason as soon as it aborts.
 */
export type TakeTurn = (address: string, port: number, signal: AbortSignalLike) => Promise<EndTurn | null>
export type EndTurn = () => void

/** Time between the starts of two probes of one endpoint, ms. */
const SPACING_MS = 1000

/** An endpoint whose turn somebody has, or is waiting for. */
interface Busy {
  /** When the last probe started. */
  startedMs: number
  /** How long the last turn took that is over, ms: long where nobody answers. */
  tookMs: number
  isTaken: boolean
  readonly waiting: Set<() => void>
  timer: NodeJS.Timeout | undefined
}

export function createEndpointGate(): EndpointGate {
  const busy = new Map<string, Busy>()
  /** When the last probe of an endpoint started that is free now; in the order in which they became free. */
  const idle = new Map<string, number>()

  const forget = (): void => {
    for (const [key, startedMs] of idle) {
      if (performance.now() - startedMs < SPACING_MS) return
      idle.delete(key)
    }
  }

  const begin = (key: string, endpoint: Busy): EndTurn => {
    endpoint.isTaken = true
    endpoint.startedMs = performance.now()
    return () => {
      endpoint.isTaken = false
      endpoint.tookMs = performance.now() - endpoint.startedMs
      serveNext(key, endpoint)
    }
  }

  /** Once the second is over; the endpoint is free where nobody waits. */
  const serveNext = (key: string, endpoint: Busy): void => {
    clearTimeout(endpoint.timer)
    if (endpoint.isTaken) return
    if (endpoint.waiting.size === 0) {
      busy.delete(key)
      idle.set(key, endpoint.startedMs)
      return
    }
    const waitMs = endpoint.startedMs + SPACING_MS - performance.now()
    if (waitMs > 0) {
      endpoint.timer = setTimeout(serveNext, Math.ceil(waitMs), key, endpoint)
      return
    }
    const [next] = endpoint.waiting
    next?.()
  }

  const wait = (key: string, endpoint: Busy, limitMs: number, signal: AbortSignalLike): Promise<EndTurn | null> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(limit)
        signal.removeEventListener('abort', onAbort)
        endpoint.waiting.delete(serve)
      }
      const serve = (): void => {
        leave()
        resolve(begin(key, endpoint))
      }
      const onAbort = (): void => {
        leave()
        serveNext(key, endpoint)
        reject(signal.reason)
      }
      const limit = setTimeout(() => {
        leave()
        serveNext(key, endpoint)
        resolve(null)
      }, limitMs)
      signal.addEventListener('abort', onAbort, { once: true })
      endpoint.waiting.add(serve)
      serveNext(key, endpoint)
    })

  const takeTurn = async (key: string, limitMs: number, signal: AbortSignalLike): Promise<EndTurn | null> => {
    signal.throwIfAborted()
    forget()
    const known = busy.get(key)
    // As far as can be told: whoever waits in vain keeps a place among the checks under way from others.
    const waitMs = (known?.waiting.size ?? 0) * Math.max(SPACING_MS, known?.tookMs ?? 0)
    if (waitMs > limitMs) return null
    const endpoint = known ?? {
      startedMs: idle.get(key) ?? Number.NEGATIVE_INFINITY,
      tookMs: 0,
      isTaken: false,
      waiting: new Set(),
      timer: undefined,
    }
    busy.set(key, endpoint)
    idle.delete(key)
    return known === undefined && performance.now() - endpoint.startedMs >= SPACING_MS
      ? begin(key, endpoint)
      : wait(key, endpoint, limitMs, signal)
  }

  return {
    turns: (limitMs) => (address, port, signal) => takeTurn(`${address} ${port}`, limitMs, signal),
    size: () => busy.size + idle.size,
  }
}
