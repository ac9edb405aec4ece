import { parseTracker, type Tracker } from '../tracker/tracker.js'
import { quote } from './query.js'

export interface ProbeQuery {
  readonly tracker: Tracker
  readonly module: string
  readonly debug: boolean
}

export type ParsedProbeQuery =
  | { readonly query: ProbeQuery; readonly problem?: never }
  | { readonly problem: string; readonly query?: never }

const PARAMETERS = ['target', 'module', 'debug']
const DEFAULT_MODULE = 'default'
/** What Prometheus needs for everything but the check. */
const OFFSET_MS = 500
/** Enough to find out that a port of this machine is closed. */
const SHORTEST_MS = 10
const LONGEST_S = 3600

/** Query → what to check and how, or one sentence about the first thing that is wrong. */
export function parseProbeQuery(query: URLSearchParams, modules: readonly string[]): ParsedProbeQuery {
  const given = new Map<string, string>()
  for (const [name, text] of query) {
    if (!PARAMETERS.includes(name)) {
      return { problem: `unknown parameter ${quote(name)}, expected ${PARAMETERS.join(', ')}` }
    }
    if (given.has(name)) return { problem: `parameter "${name}" is given twice, expected once` }
    given.set(name, text)
  }
  const target = given.get('target')
  if (target === undefined) return { problem: 'no parameter "target", expected the announce URL of a tracker' }
  const module = given.get('module') ?? DEFAULT_MODULE
  if (!modules.includes(module)) {
    return { problem: `parameter "module" is ${quote(module)}, expected one of ${modules.join(', ')}` }
  }
  const debug = given.get('debug') ?? 'false'
  if (debug !== 'true' && debug !== 'false') {
    return { problem: `parameter "debug" is ${quote(debug)}, expected true or false` }
  }
  const { tracker, problem } = parseTracker(target)
  if (problem !== undefined) return { problem: `parameter "target" is no announce URL: ${problem.message}` }
  return { query: { tracker, module, debug: debug === 'true' } }
}

/** How long a check may take for Prometheus to get its answer, ms, an hour at most; null without a header; or a sentence. */
export function scrapeTimeoutMs(header: string | undefined): number | string | null {
  if (header === undefined) return null
  const seconds = /^\d+(?:\.\d+)?$/.test(header) ? Number(header) : 0
  if (seconds === 0) return `X-Prometheus-Scrape-Timeout-Seconds is ${quote(header)}, expected seconds above 0`
  return Math.max(SHORTEST_MS, Math.round(Math.min(seconds, LONGEST_S) * 1000) - OFFSET_MS)
}
