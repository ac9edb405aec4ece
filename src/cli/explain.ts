import { type CheckTrackerOptions, checkTracker } from '../probe/check-trackers.js'
import type { CheckResult } from '../tracker/outcome.js'
import type { CheckInput, GivenTracker } from './check-input.js'
import { exitCodes } from './command.js'
import { collectExchange } from './explain-collect.js'
import { explainJson } from './explain-json.js'
import { type Exchange, exchangeLines, verdictLines } from './explain-text.js'
import { verdictOf } from './explain-verdict.js'
import { Stopped } from './interrupt.js'
import { type Io, print, printJson } from './io.js'
import { createPaint } from './paint.js'
import { quoted, UsageError } from './usage.js'

interface ExplainOptions extends CheckTrackerOptions {
  readonly json: boolean
}

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
  const { onTrace, soFar } = collectExchange(tracker, options.headers ?? {})
  let result: CheckResult
  try {
    result = await checkTracker(given, { ...options, onTrace })
  } catch (error) {
    const isInterrupted = error instanceof Stopped && error.exitCode === exitCodes.interrupted
    if (isInterrupted && !options.json) printExchange(io, soFar().exchange)
    throw error
  }
  const { events, exchange, shown } = soFar()
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
