import { type CheckResult, flagsOf } from '../../tracker/outcome.js'
import type { IntervalFloor } from '../../tracker/policy.js'
import type { Rollup } from '../../tracker/rollup.js'
import type { TrackerState } from '../../tracker/state.js'
import type { GroupRules } from '../deps.js'
import { Moment } from './parts.js'
import { counted, duration, orUnknown, utc } from './text.js'
import { startOfDay } from './tracker-read.js'

interface MannersProps {
  readonly state: TrackerState
  readonly rules: GroupRules | null
  readonly today: Rollup | null
  readonly now: Date
}

/** What the tracker asks for, and whether we keep to it. */
export function MannersSection({ state, rules, today, now }: MannersProps) {
  const { last } = state
  const outcome = last?.outcome
  const announce = outcome?.kind === 'ok' ? outcome.announce : null
  const { ok, rejected, failed } = today?.checks ?? { ok: 0, rejected: 0, failed: 0 }
  return (
    <section id="manners" data-live>
      <h2>What it asks for, and whether we keep to it</h2>
      <div class="card">
        <dl>
          <dt>Announce interval</dt>
          <dd>{seconds(announce?.intervalS)}</dd>
          <dt>Minimum interval</dt>
          <dd>{seconds(announce?.minIntervalS)}</dd>
          <dt>Our beat</dt>
          <dd>
            {rules === null
              ? 'its group is not configured any more'
              : `every ${duration(rules.beatMs)} (${rules.schedule})`}
          </dd>
          <dt>We wait for</dt>
          <dd>{rules === null ? orUnknown(null) : floorWords[rules.intervalFloor]}</dd>
          <dt>Checks today (UTC)</dt>
          <dd>
            {counted(ok + rejected + failed, 'check')}, {ok + rejected} answered
            {announce !== null && (
              <Allowance answered={ok + rejected} announce={announce} passedMs={now.getTime() - startOfDay(now)} />
            )}
          </dd>
          <dt>Opt-out (BEP 34)</dt>
          <dd>{optOut(last, rules)}</dd>
          <Wait last={last} />
          <Certificate last={last} now={now} />
        </dl>
      </div>
    </section>
  )
}

const floorWords: Readonly<Record<IntervalFloor, string>> = {
  min_interval: 'its minimum interval, and what it says beside a refusal or an error',
  interval: 'its interval, the longer of the two, and what it says beside a refusal or an error',
  none: 'nothing (interval_floor: none)',
}

interface AllowanceProps {
  /** An announce that nobody answered has cost the tracker nothing. */
  readonly answered: number
  readonly announce: { readonly intervalS: number | null; readonly minIntervalS: number | null }
  readonly passedMs: number
}

/** How many announces of one client its wishes leave room for in the part of the day that has passed. */
function Allowance({ answered, announce: { intervalS, minIntervalS }, passedMs }: AllowanceProps) {
  const asked = mostIn(passedMs, intervalS)
  const allowed = mostIn(passedMs, minIntervalS)
  return (
    <>
      {asked !== null && <>; its interval asks for at most {asked}</>}
      {allowed !== null && <>; its minimum interval allows {allowed}</>}
      {allowed !== null && (
        <div class="why">{answered <= allowed ? 'We keep to it' : 'That is more than it allows'}</div>
      )}
      {allowed === null && asked !== null && answered > asked && (
        <div class="why">More often than it recommends to clients, which it does not forbid</div>
      )}
    </>
  )
}

/** Null where the tracker has said nothing that could be kept to. */
function mostIn(passedMs: number, intervalS: number | null): number | null {
  return intervalS === null || intervalS <= 0 ? null : Math.floor(passedMs / (intervalS * 1000)) + 1
}

function optOut(last: CheckResult | null, rules: GroupRules | null): string {
  if (rules?.bep34 === 'ignore') return 'not asked for (bep34: ignore)'
  if (last === null) return 'not known yet'
  const { outcome } = last
  if (outcome.kind === 'skipped' && outcome.reason === 'opted_out') return 'asks not to be contacted, which we obey'
  const flags = flagsOf(outcome)
  if (flags.includes('bep34.denied')) return 'says that it runs no tracker; reported only (bep34: report)'
  if (flags.includes('bep34.port_not_listed')) return 'lists other ports for its tracker; reported only (bep34: report)'
  if (flags.includes('bep34.unknown')) return 'the domain could not be asked'
  return 'no objection'
}

/** Beside a refusal or an error. */
function Wait({ last }: { last: CheckResult | null }) {
  const waitS = last !== null && 'retryAfterS' in last.outcome ? last.outcome.retryAfterS : null
  if (waitS === null || waitS === undefined) return null
  return (
    <>
      <dt>Asks to come back</dt>
      <dd>after {duration(waitS * 1000)}</dd>
    </>
  )
}

function Certificate({ last, now }: { last: CheckResult | null; now: Date }) {
  const ends = last?.probes.flatMap(({ certificateExpiresAt }) => certificateExpiresAt?.getTime() ?? []) ?? []
  if (ends.length === 0) return null
  const at = new Date(Math.min(...ends))
  return (
    <>
      <dt>Certificate</dt>
      <dd>
        {at < now ? 'expired' : 'valid until'} {utc(at)}, <Moment at={at} now={now} />
      </dd>
    </>
  )
}

function seconds(value: number | null | undefined): string {
  return value === null || value === undefined ? 'not said' : duration(value * 1000)
}
