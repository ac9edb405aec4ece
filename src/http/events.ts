import { type Context, Hono } from 'hono'
import type { Status, StatusChange } from '../tracker/health.js'
import { cutConnection } from './client-address.js'
import { plain } from './plain.js'

/** What happens, once it is durable. Secrets are masked. */
export type LiveEvent =
  | { readonly event: 'status'; readonly data: StatusEvent }
  | { readonly event: 'round'; readonly data: RoundEvent }

export interface StatusEvent extends Pick<StatusChange, 'at' | 'reason' | 'code' | 'message'> {
  /** See `trackerId`. */
  readonly id: string
  readonly url: string
  readonly from: Status
  readonly to: Status
}

/** The end of a round of one group. */
export interface RoundEvent {
  readonly group: string
  readonly endedAt: Date
  /** Checks of this round that came to a result. */
  readonly checked: number
  /** Of all groups. */
  readonly alive: number
  readonly trackers: number
}

/** An event with its place in the order of all events of this run of the daemon. */
export interface NumberedEvent {
  readonly id: string
  readonly event: LiveEvent
}

/** Events as they happen, and those that have just happened. */
export interface LiveEvents {
  /** The newest event, or the beginning of this run. */
  readonly lastId: () => string
  /** What came after an event, oldest first; null if that cannot be told: of an earlier run, or too long ago. */
  readonly since: (id: string) => readonly NumberedEvent[] | null
  /** Tells every event from now on, until the returned function is called; `onEnd` when there will be no more. */
  readonly listen: (listener: { onEvent(event: NumberedEvent): void; onEnd(): void }) => () => void
}

export interface EventRouteOptions {
  readonly maxConnections?: number
  readonly heartbeatMs?: number
  /** Bytes that may wait for a slow reader before it is dropped. */
  readonly maxQueuedBytes?: number
}

/** So many readers at once cost some 10 MB. */
const MAX_CONNECTIONS = 500
/** Shorter than the idle time after which proxies usually cut (60 s). */
const HEARTBEAT_MS = 25_000
const MAX_QUEUED_BYTES = 256 * 1024
/** After how long a browser connects again. */
const RETRY_MS = 3_000
const BUSY_RETRY_S = 30

/** `/events`: server-sent events. A reader that was away says what it has seen (`Last-Event-ID`) and gets the rest. */
export function eventRoutes(events: LiveEvents, options: EventRouteOptions = {}): Hono {
  const { maxConnections = MAX_CONNECTIONS, heartbeatMs = HEARTBEAT_MS, maxQueuedBytes = MAX_QUEUED_BYTES } = options
  let connections = 0
  return new Hono().get('/events', (c) => {
    // Asked for the headers alone, a stream would be opened that nobody reads or closes.
    if (c.req.method === 'HEAD') return c.body(null, 200, streamHeaders)
    if (connections >= maxConnections) {
      c.header('Retry-After', String(BUSY_RETRY_S))
      return plain(c, 'too many readers of live events, try again later\n', 503)
    }
    connections += 1
    const stream = openStream(events, lastSeen(c), {
      heartbeatMs,
      maxQueuedBytes,
      onTooSlow: () => cutConnection(c),
      onClosed: () => {
        connections -= 1
      },
    })
    return c.body(stream, 200, streamHeaders)
  })
}

/** Neither we nor a proxy may hold an event back to compress it or to fill a buffer. */
const streamHeaders = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
}

/** A browser sends the header when it connects again; a page names in the query what it was rendered after. */
function lastSeen(c: Context): string | null {
  return c.req.header('Last-Event-ID') ?? c.req.query('last_event_id') ?? null
}

interface StreamOptions {
  readonly heartbeatMs: number
  readonly maxQueuedBytes: number
  readonly onTooSlow: () => void
  /** Once, however the stream ends. */
  readonly onClosed: () => void
}

function openStream(
  events: LiveEvents,
  seen: string | null,
  { heartbeatMs, maxQueuedBytes, onTooSlow, onClosed }: StreamOptions,
): ReadableStream<Uint8Array> {
  let release = (): void => {}
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    let open = true
    let forget = (): void => {}
    const send = (text: string): void => {
      controller.enqueue(encoder.encode(text))
      if ((controller.desiredSize ?? 0) >= -maxQueuedBytes) return
      release()
      onTooSlow()
    }
    const heartbeat = setInterval(() => send(': still here\n\n'), heartbeatMs)
    release = () => {
      if (!open) return
      open = false
      clearInterval(heartbeat)
      forget()
      onClosed()
    }
    const onEnd = (): void => {
      release()
      controller.close()
    }
    send(greeting(events, seen))
    forget = events.listen({ onEvent: (event) => send(renderEvent(event)), onEnd })
  }
  // Whatever waits counts: nothing is made ahead of its time.
  const strategy = new ByteLengthQueuingStrategy({ highWaterMark: 0 })
  return new ReadableStream<Uint8Array>({ start, cancel: () => release() }, strategy)
}

const encoder = new TextEncoder()

/** What a reader has missed. An id without data makes no event, but the reader will name it when it comes again. */
function greeting(events: LiveEvents, seen: string | null): string {
  const retry = `retry: ${RETRY_MS}\n\n`
  const missed = seen === null ? [] : events.since(seen)
  if (missed === null) return `${retry}id: ${events.lastId()}\nevent: reset\ndata: {}\n\n`
  return `${retry}${missed.map(renderEvent).join('')}id: ${events.lastId()}\n\n`
}

/** JSON has no line breaks of its own, so every event is one line of data. */
function renderEvent({ id, event: { event, data } }: NumberedEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
