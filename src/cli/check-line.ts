import { milliseconds } from '../http/pages/text.js'
import { causeOf, explain } from '../tracker/explain.js'
import { flagWords } from '../tracker/flag-words.js'
import { maskText, maskUrl } from '../tracker/mask.js'
import { type CheckResult, flagDegrades, flagsOf, messageOf, type OkOutcome, type Outcome } from '../tracker/outcome.js'
import { parseTracker } from '../tracker/tracker.js'
import type { CheckInput } from './check-input.js'
import { plain } from './io.js'
import type { Paint } from './paint.js'
import { pad } from './table.js'

/** A longer URL pushes its own line to the right, not all others. */
const MAX_URL_WIDTH = 60
const LATENCY_WIDTH = 7

/** Results → lines of aligned columns: mark, URL with secrets masked, latency, and why. */
export function createCheckLines(input: CheckInput, paint: Paint): (result: CheckResult, given: string) => string {
  const texts = [...input.trackers.map(({ given }) => given), ...input.problems.map(({ text }) => text)]
  const longest = texts.reduce((width, text) => Math.max(width, shownUrl(text).length), 0)
  const urlWidth = Math.min(longest, MAX_URL_WIDTH)
  return (result, given) => {
    const { mark, colour } = markOf(result)
    const url = pad(shownUrl(given), urlWidth)
    const latency = pad(result.latencyMs === null ? '' : milliseconds(result.latencyMs), LATENCY_WIDTH, 'right')
    return `${paint[colour](mark)} ${url}  ${latency}  ${paint.dim(whyOf(result.outcome, given))}`.trimEnd()
  }
}

function shownUrl(given: string): string {
  return plain(maskUrl(given.trim()))
}

function markOf({ alive, outcome }: CheckResult): { readonly mark: string; readonly colour: keyof Paint } {
  if (alive) return { mark: '✓', colour: isDegraded(outcome) ? 'warn' : 'good' }
  if (outcome.kind === 'rejected') return { mark: '!', colour: 'warn' }
  return outcome.kind === 'skipped' ? { mark: '–', colour: 'dim' } : { mark: '✗', colour: 'bad' }
}

function isDegraded(outcome: Outcome): boolean {
  return flagsOf(outcome).some((flag) => flagDegrades[flag])
}

/** Our sentence, then the tracker's or the network's own words. */
function whyOf(outcome: Outcome, given: string): string {
  const message = messageOf(outcome)
  const { tracker } = parseTracker(given)
  const said = message === null || tracker === undefined ? message : maskText(message, tracker)
  if (outcome.kind === 'ok') return plain(remarksOf(outcome, said).join('; '))
  const sentence = explain(causeOf(outcome))
  return plain(outcome.kind === 'rejected' ? `${sentence}: "${said}"` : `${sentence} (${said})`)
}

function remarksOf({ announce, flags }: OkOutcome, said: string | null): readonly string[] {
  const faults = flags.filter((flag) => flagDegrades[flag]).map((flag) => flagWords[flag])
  const interval = announce.intervalS === null ? [] : [`interval ${announce.intervalS} s`]
  return [...interval, ...faults, ...(said === null ? [] : [`warns "${said}"`])]
}
