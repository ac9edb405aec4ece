import { type CheckTrackerOptions, checkTracker } from '../probe/check-trackers.js'
import type { ResponseReceived, TraceEvent } from '../probe/trace.js'
import { maskUrl } from '../tracker/mask.js'
import type { CheckResult } from '../tracker/outcome.js'
import type { Tracker } from '../tracker/tracker.js'
import type { CheckInput, GivenTracker } from './check-input.js'
import { exitCodes } from './command.js'
import { entriesOf } from './explain-events.js'
import { explainJson } from './explain-json.js'
import { createShown, type Exchanged, type Shown } from './explain-shown.js'
import { type Exchange, exchangeLines, verdictLines } from './explain-text.js'
import { verdictOf } from './explain-verdict.js'
import { Stopped } from './interrupt.js'
import { type Io, plain, print, printJson } from './io.js'
import { createPaint } from './paint.js'
import { quoted, UsageError } from './usage.js'

interface ExplainOptions extends CheckTrackerOptions {
  readonly json: boolean
}

/** A flood of junk is told by its number. */
const MAX_IGNORED_SHOWN = 50

/** The one tracker to explain. Throws a `UsageError` where the input is anything else. */
export function onlyTracker({ trackers, problems }: CheckInput): GivenTracker {
  const [tracker] = trackers
  const [problem] = problems
  if (problem !== undefined)
    throw new UsageError(`${problem.place}: ${quoted(problem.text)}: ${problem.problem.message}`)
  if (tracker !== undefined && trackers.length === 1) return tracker
  throw new UsageError(`--explain is given ${trackers.length} trackers, expected exactly one`)
}

/** Checks one tracker and shows all of it; after an interrupt, what has happened so far. */
export async function explainCheck(io: Io, { tracker, given }: GivenTracker, options: ExplainOptions): Promise<number> {
  const { events, ignored, onTrace } = createCollector()
  const headers = options.headers ?? {}
  const shownSoFar = (): Shown => createShown(tracker, { ...exchangedIn(events, tracker), headers })
  const exchangeSoFar = (shown: Shown): Exchange => {
    return { url: plain(maskUrl(tracker.url)), entries: entriesOf(events, { tracker, shown }), ignored: ignored() }
  }
  let result: CheckResult
  try {
    result = await checkTracker(given, { ...options, onTrace })
  } catch (error) {
    const isInterrupted = error instanceof Stopped && error.exitCode === exitCodes.interrupted
    if (isInterrupted && !options.json) printExchange(io, exchangeSoFar(shownSoFar()))
    throw error
  }
  const shown = shownSoFar()
  const exchange = exchangeSoFar(shown)
  const verdict = verdictOf(result, events, { aliveWhen: options.aliveWhen ?? 'announce', shown })
  if (options.json) printJson(io, explainJson({ exchange, verdict, result, shown }))
  else {
    printExchange(io, exchange)
    for (const line of ['', ...verdictLines(verdict, createPaint(io))]) print(io, line)
  }
  return result.alive ? exitCodes.ok : exitCodes.notAlive
}

function printExchange(io: Io, exchange: Exchange): void {
  for (const line of exchangeLines(exchange, createPaint(io))) print(io, line)
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

function createCollector() {
  const events: TraceEvent[] = []
  let ignored = 0
  const onTrace = (event: TraceEvent): void => {
    if ('verdict' in event && event.verdict === 'ignored' && ++ignored > MAX_IGNORED_SHOWN) return
    events.push(event)
  }
  return { events, onTrace, ignored: () => Math.max(0, ignored - MAX_IGNORED_SHOWN) }
}
