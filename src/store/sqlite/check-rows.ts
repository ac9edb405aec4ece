import {
  type CheckResult,
  codeOf,
  type Flag,
  flagsOf,
  messageOf,
  type Outcome,
  type ProbeResult,
  reasonOf,
} from '../../tracker/outcome.js'

/** A row of `check_result` with its verdict, before words become numbers. */
export interface CheckRow {
  readonly family: 4 | 6 | 'none'
  readonly outcome: Outcome['kind']
  readonly reason: ReturnType<typeof reasonOf>
  readonly code: string | null
  readonly message: string | null
  readonly flags: readonly Flag[]
  readonly decisive: boolean
  readonly latencyMs: number | null
  readonly attempts: number
  readonly packetsSent: number
  readonly packetsLost: number
}

const kindRank = { ok: 0, rejected: 1, failed: 2, skipped: 3 } as const satisfies Record<Outcome['kind'], number>

/**
 * One row per address family, from its best probe, and one without a family where no probe decided. Exactly one row
 * is decisive, and that one carries the outcome of the check, which may know more than the probe's own.
 */
export function checkRows(check: CheckResult): readonly CheckRow[] {
  const [only] = check.probes
  if (only?.outcome === check.outcome && check.probes.length === 1) return [rowOf(check.outcome, only, true)]
  // The sort is stable: among equals the first one stays in front.
  const ranked = check.probes.toSorted((a, b) => rank(a) - rank(b) || latencyRank(a) - latencyRank(b))
  const decisive = ranked.find(({ outcome }) => outcome === check.outcome) ?? ranked.find((it) => decides(it, check))
  const rows = ([4, 6] as const).flatMap((family) => {
    const probe = decisive?.family === family ? decisive : ranked.find((it) => it.family === family)
    if (probe === undefined) return []
    return rowOf(probe === decisive ? check.outcome : probe.outcome, probe, probe === decisive)
  })
  return decisive === undefined ? [...rows, { ...rowOf(check.outcome, null, true), latencyMs: check.latencyMs }] : rows
}

function rank(probe: ProbeResult): number {
  return kindRank[probe.outcome.kind]
}

function latencyRank(probe: ProbeResult): number {
  return probe.latencyMs ?? Number.MAX_VALUE
}

/** The outcome of a check may be a copy with more flags; but "uplink down" over a failed probe is another verdict. */
function decides(probe: ProbeResult, check: CheckResult): boolean {
  return codeOf(probe.outcome) === codeOf(check.outcome) && probe.latencyMs === check.latencyMs
}

function rowOf(outcome: Outcome, probe: ProbeResult | null, decisive: boolean): CheckRow {
  return {
    family: probe?.family ?? 'none',
    outcome: outcome.kind,
    reason: reasonOf(outcome),
    code: codeOf(outcome),
    message: hasMessage(outcome) ? messageOf(outcome) : null,
    flags: flagsOf(outcome),
    decisive,
    latencyMs: probe?.latencyMs ?? null,
    attempts: probe?.attempts ?? 0,
    packetsSent: probe?.packetsSent ?? 0,
    packetsLost: probe?.packetsLost ?? 0,
  }
}

/** To look for the warning in every answer takes as long as to write its row, so the flag that goes with one is asked. */
function hasMessage(outcome: Outcome): boolean {
  return outcome.kind !== 'ok' || outcome.flags.includes('tracker_warning')
}

/** Durations as stored: whole microseconds. */
export function toUs(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : Math.round(ms * 1000)
}

export function toMs(us: number | null): number | null {
  return us === null ? null : us / 1000
}
