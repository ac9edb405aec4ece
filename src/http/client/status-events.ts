interface EventHandlers {
  /** A tracker's status has changed. */
  readonly onTracker: (id: string) => void
  /** A round has ended, or it cannot be told what has been missed, as after a time in the background. */
  readonly onRound: () => void
  readonly onState: (state: 'live' | 'lost' | 'paused') => void
}

const FIRST_RETRY_MS = 3_000
const LONGEST_RETRY_MS = 60_000

/**
 * Listens to `/events` while the tab is seen. A browser connects again by itself after a cut, but gives up on an answer
 * that is no stream, as of a server that is just starting: then we try again.
 */
export function listenToEvents(lastId: () => string, { onTracker, onRound, onState }: EventHandlers): void {
  let source: EventSource | null = null
  let seen: string | null = null
  let retryMs = FIRST_RETRY_MS
  let retry: ReturnType<typeof setTimeout> | undefined

  const open = (): void => {
    close()
    const events = new EventSource(`/events?last_event_id=${encodeURIComponent(seen ?? lastId())}`)
    source = events
    const note = ({ lastEventId }: MessageEvent): void => {
      seen = lastEventId
    }
    events.addEventListener('open', () => {
      retryMs = FIRST_RETRY_MS
      onState('live')
    })
    events.addEventListener('error', () => {
      onState('lost')
      if (events.readyState !== EventSource.CLOSED) return
      retry = setTimeout(open, retryMs)
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
    })
    events.addEventListener('status', (event) => {
      note(event)
      const id = idOf(event.data)
      if (id !== null) onTracker(id)
    })
    for (const type of ['round', 'reset']) {
      events.addEventListener(type, (event) => {
        note(event)
        onRound()
      })
    }
  }
  const close = (): void => {
    clearTimeout(retry)
    source?.close()
    source = null
  }
  const resume = (): void => {
    onRound()
    open()
  }
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) return resume()
    close()
    onState('paused')
  })
  // A page that is kept for the way back must not hold a connection.
  addEventListener('pagehide', close)
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) resume()
  })
  if (!document.hidden) open()
}

function idOf(data: unknown): string | null {
  const event: unknown = typeof data === 'string' ? JSON.parse(data) : null
  if (typeof event !== 'object' || event === null || !('id' in event)) return null
  return typeof event.id === 'string' ? event.id : null
}
