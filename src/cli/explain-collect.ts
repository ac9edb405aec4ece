import type { OnTrace, ResponseReceived, TraceEvent } from '../probe/trace.js'
import { maskUrl } from '../tracker/mask.js'
import type { Tracker } from '../tracker/tracker.js'
import { entriesOf } from './explain-events.js'
import { createShown, type Exchanged, type Shown } from './explain-shown.js'
import type { Exchange } from './explain-text.js'
import { plain } from './io.js'

/** What was seen of a check until now, fit to be shown. */
export interface Collected {
  readonly events: readonly TraceEvent[]
  readonly exchange: Exchange
  readonly shown: Shown
}

/** A flood of junk is told by its number. */
const MAX_IGNORED_SHOWN = 50

/** Listens to a check of this tracker. `headers` are those that the operator has it send: they may be secrets. */
export function collectExchange(
  tracker: Tracker,
  headers: Readonly<Record<string, string>>,
): { readonly onTrace: OnTrace; readonly soFar: () => Collected } {
  const events: TraceEvent[] = []
  let ignored = 0
  const onTrace = (event: TraceEvent): void => {
    if ('verdict' in event && event.verdict === 'ignored' && ++ignored > MAX_IGNORED_SHOWN) return
    events.push(event)
  }
  const soFar = (): Collected => {
    const shown = createShown(tracker, { ...exchangedIn(events, tracker), headers })
    const entries = entriesOf(events, { tracker, shown })
    const more = Math.max(0, ignored - MAX_IGNORED_SHOWN)
    return { events, exchange: { url: plain(maskUrl(tracker.url)), entries, ignored: more }, shown }
  }
  return { onTrace, soFar }
}

function exchangedIn(events: readonly TraceEvent[], tracker: Tracker): Pick<Exchanged, 'hops' | 'own'> {
  const hops = events.flatMap((event) => (event.kind === 'response_received' ? locationsIn(event, tracker) : []))
  const sent = events.find((event) => event.kind === 'request_sent')?.path ?? ''
  const added = sent.startsWith(tracker.path) ? sent.slice(tracker.path.length) : ''
  return { hops, own: new Set(added.split(/[?&]/).filter(Boolean)) }
}

/** Also those that are not followed: the body often repeats them. */
function locationsIn({ headers }: ResponseReceived, { url }: Tracker): readonly string[] {
  return headers.flatMap(([name, value]) =>
    name.toLowerCase() === 'location' && URL.canParse(value, url) ? [new URL(value, url).href] : [],
  )
}
