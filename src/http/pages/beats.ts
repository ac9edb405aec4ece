import type { RecentCheck } from '../../store/store.js'
import { explain } from '../../tracker/explain.js'
import { flagWords } from '../../tracker/flag-words.js'
import { flagDegrades, type Outcome } from '../../tracker/outcome.js'
import { BAR_PITCH, BARS_HEIGHT, type BarKind, barHeights } from './bars.js'
import { type Markup, markup } from './markup.js'
import { outcomes } from './parts.js'
import { counted, milliseconds, utcMinute } from './text.js'

interface BeatsProps {
  /** Newest first, as the store gives them. */
  readonly checks: readonly RecentCheck[]
  /** Bars to be drawn; where there are fewer checks, it began later. */
  readonly count: number
}

/** Checks alike, side by side; never empty. */
type Run = readonly [RecentCheck, ...RecentCheck[]]

/**
 * The heartbeat of a tracker: a bar for each check. A page has thirty thousand of them, so those alike are one line, whose
 * dashes are the bars (see `styles/bars.ts`), and share a title. What the script tells of each bar beside the first line of
 * that title is in two lists: `data-at`, minutes since 1970 of the first check and then from each to the next, in base 36;
 * `data-ms`, latencies.
 */
export function Beats({ checks, count }: BeatsProps): Markup {
  const oldestFirst = checks.slice(0, count).reverse()
  const missing = count - oldestFirst.length
  const lines = missing === 0 ? [] : [line('none', 'No check yet', { place: 0, length: missing })]
  let place = missing
  for (const run of runsOf(oldestFirst)) {
    lines.push(line(kindOf(run[0]), titleOf(run), { place, length: run.length }))
    place += run.length
  }
  return markup`<svg class="bars runs" viewBox="0 0 ${count * BAR_PITCH} ${BARS_HEIGHT}" preserveAspectRatio="none" role="img" tabindex="0" aria-label="${sumOfChecks(oldestFirst)}" data-count="${count}" data-at="${momentsOf(oldestFirst)}" data-ms="${latenciesOf(oldestFirst)}">${lines}</svg>`
}

/** `30 checks: 28 answered, 2 failed` */
function sumOfChecks(checks: readonly Pick<RecentCheck, 'outcome'>[]): string {
  const counts = { ok: 0, rejected: 0, failed: 0, skipped: 0 } satisfies Record<Outcome['kind'], number>
  for (const { outcome } of checks) counts[outcome] += 1
  const parts = outcomeKinds.flatMap((kind) =>
    counts[kind] === 0 ? [] : [`${counts[kind]} ${outcomes[kind].word.toLowerCase()}`],
  )
  return checks.length === 0 ? 'No check yet' : `${counted(checks.length, 'check')}: ${parts.join(', ')}`
}

const outcomeKinds = Object.keys(outcomes) as readonly Outcome['kind'][]

function runsOf(checks: readonly RecentCheck[]): readonly Run[] {
  const runs: [RecentCheck, ...RecentCheck[]][] = []
  for (const check of checks) {
    const last = runs.at(-1)
    if (last !== undefined && areAlike(last[0], check)) last.push(check)
    else runs.push([check])
  }
  return runs
}

function areAlike(one: RecentCheck, other: RecentCheck): boolean {
  return (
    one.outcome === other.outcome &&
    one.reason === other.reason &&
    one.code === other.code &&
    one.flags.length === other.flags.length &&
    one.flags.every((flag) => other.flags.includes(flag))
  )
}

function kindOf({ outcome, flags }: RecentCheck): BarKind {
  return outcome === 'ok' && flags.some((flag) => flagDegrades[flag]) ? 'degraded' : outcome
}

/** On the first line the result, with the reason where it was not good; on the second the time. */
function titleOf(run: Run): string {
  const [first] = run
  const last = run.at(-1) ?? first
  const { word } = outcomes[first.outcome]
  const why = first.outcome === 'ok' ? faultsOf(first) : `: ${explain(first) ?? 'no reason is known'}`
  const from = utcMinute(first.checkedAt)
  const time = run.length === 1 ? from : `${counted(run.length, 'check')}, ${from} to ${utcMinute(last.checkedAt)}`
  return `${word}${why}\n${time}${latencyIn(run)}`
}

function faultsOf({ flags }: RecentCheck): string {
  return flags.map((flag) => (flagDegrades[flag] ? `. ${flagWords[flag]}` : '')).join('')
}

function line(kind: BarKind, title: string, { place, length }: { place: number; length: number }): Markup {
  const height = BARS_HEIGHT * barHeights[kind]
  const path = `M${place * BAR_PITCH} ${BARS_HEIGHT - height / 2}h${length * BAR_PITCH}`
  return markup`<path class="${kind}" stroke-width="${height}" d="${path}"><title>${title}</title></path>`
}

function latencyIn(checks: readonly RecentCheck[]): string {
  let lowest = Number.POSITIVE_INFINITY
  let highest = Number.NEGATIVE_INFINITY
  for (const { latencyMs } of checks) {
    if (latencyMs === null) continue
    lowest = Math.min(lowest, latencyMs)
    highest = Math.max(highest, latencyMs)
  }
  if (lowest > highest) return ''
  return lowest === highest ? `, ${milliseconds(lowest)}` : `, ${milliseconds(lowest)} to ${milliseconds(highest)}`
}

function momentsOf(checks: readonly RecentCheck[]): string {
  let before = 0
  return checks
    .map(({ checkedAt }) => {
      const minute = Math.floor(checkedAt.getTime() / 60_000)
      const passed = minute - before
      before = minute
      return passed.toString(36)
    })
    .join()
}

function latenciesOf(checks: readonly RecentCheck[]): string {
  return checks
    .map(({ latencyMs }) => (latencyMs === null ? '' : latencyMs < 10 ? latencyMs.toFixed(1) : Math.round(latencyMs)))
    .join()
}
