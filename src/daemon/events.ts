import { randomBytes } from 'node:crypto'
import type { LiveEvent, LiveEvents, NumberedEvent } from '../http/events.js'

/** The events of this run of the daemon. */
export interface EventHub extends LiveEvents {
  publish(event: LiveEvent): void
  /** Ends every listener, now and later. Idempotent. */
  close(): void
}

export interface EventHubOptions {
  /** The newest so many events are kept for those who come back. */
  readonly kept?: number
  /** Tells the ids of this run from those of others. */
  readonly epoch?: string
}

const KEPT = 500

export function createEventHub({
  kept = KEPT,
  epoch = randomBytes(6).toString('hex'),
}: EventHubOptions = {}): EventHub {
  const listeners = new Set<Parameters<LiveEvents['listen']>[0]>()
  const recent: NumberedEvent[] = []
  let count = 0
  let closed = false
  const idOf = (number: number): string => `${epoch}-${number}`
  return {
    publish: (event) => {
      count += 1
      const numbered = { id: idOf(count), event }
      recent.push(numbered)
      if (recent.length > kept) recent.shift()
      for (const listener of [...listeners]) listener.onEvent(numbered)
    },
    lastId: () => idOf(count),
    since: (id) => {
      const [, run, digits = ''] = /^(.+)-(\d{1,15})$/.exec(id) ?? []
      const missing = count - Number(digits)
      if (run !== epoch || missing < 0 || missing > recent.length) return null
      return missing === 0 ? [] : recent.slice(-missing)
    },
    listen: (listener) => {
      if (closed) {
        listener.onEnd()
        return () => {}
      }
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => {
      closed = true
      for (const listener of [...listeners]) listener.onEnd()
      listeners.clear()
    },
  }
}
