import type { Scheme } from '../tracker/tracker.js'
import { type AbortSignalLike, delay } from './deadline.js'

/** Checks started per second, by what a start costs: UDP (udp), TCP (http, ws), TCP with TLS (https, wss). */
export interface StartRates {
  readonly udp: number
  readonly tcp: number
  readonly tls: number
}

/**
 * Measured: a burst of 1,000 HTTP checks reads a tracker of 20 ms as 320 ms, since it measures our own queue; at
 * 1,000 a second it reads 21 ms. A TLS handshake costs as much as five plain requests.
 */
export const DEFAULT_START_RATES: StartRates = { udp: 5000, tcp: 1000, tls: 200 }

const KINDS = { udp: 'udp', http: 'tcp', ws: 'tcp', https: 'tls', wss: 'tls' } as const satisfies Record<
  Scheme,
  keyof StartRates
>
/** Starts that may come at once, as time: 250 over UDP, 50 over TCP, 10 over TLS, which the event loop works off unnoticed. */
const BURST_MS = 50

/** Says when a check may start. */
export interface Pacer {
  /** Takes a turn. Resolves when it has come, rejects with the signal's reason; undefined where it is now. */
  turn(scheme: Scheme, signal: AbortSignalLike): Promise<void> | undefined
}

export function createPacer(rates: StartRates, now: () => number = () => performance.now()): Pacer {
  const turns = { udp: createTurns(rates.udp), tcp: createTurns(rates.tcp), tls: createTurns(rates.tls) }
  return {
    turn: (scheme, signal) => {
      const waitMs = turns[KINDS[scheme]](now())
      return waitMs > 0 ? delay(waitMs, signal) : undefined
    },
  }
}

/** Turns at `perSecond`, with bursts of up to `BURST_MS`: each call takes the next and returns how long it is away, ms. */
export function createTurns(perSecond: number): (nowMs: number) => number {
  const everyMs = 1000 / perSecond
  let nextMs = Number.NEGATIVE_INFINITY
  return (nowMs) => {
    const turnMs = Math.max(nextMs, nowMs - BURST_MS)
    nextMs = turnMs + everyMs
    return Math.max(0, turnMs - nowMs)
  }
}
