import { createHash } from 'node:crypto'
import type { Entry, UptimeWindow } from './state.js'

export const listOrders = ['uptime', 'latency', 'shuffle'] as const
/**
 * `uptime`: highest first, then lowest latency, then URL. `latency`: lowest first, unknown last, then URL.
 * `shuffle`: random, the same for every reader within an hour (UTC), so that caches and ETags work.
 */
export type ListOrder = (typeof listOrders)[number]

export function comparison(order: ListOrder, window: UptimeWindow, at: Date): (a: Entry, b: Entry) => number {
  const byUrl = (a: Entry, b: Entry): number => (a.tracker.url < b.tracker.url ? -1 : 1)
  const byLatency = (a: Entry, b: Entry): number =>
    difference(a.latencyMs ?? Number.POSITIVE_INFINITY, b.latencyMs ?? Number.POSITIVE_INFINITY) || byUrl(a, b)
  switch (order) {
    case 'uptime':
      return (a, b) => difference(b.uptime[window] ?? -1, a.uptime[window] ?? -1) || byLatency(a, b)
    case 'latency':
      return byLatency
    case 'shuffle': {
      const hour = at.toISOString().slice(0, 13)
      const places = new Map<Entry, string>()
      const place = (entry: Entry): string => {
        const known = places.get(entry) ?? createHash('sha256').update(`${hour} ${entry.tracker.url}`).digest('hex')
        places.set(entry, known)
        return known
      }
      return (a, b) => (place(a) < place(b) ? -1 : 1)
    }
  }
}

/** Subtraction that also holds for two infinities. */
function difference(a: number, b: number): number {
  return a === b ? 0 : a - b
}
