import type { CheckResult, Outcome, ProbeResult } from '../../tracker/outcome.js'

/** A `CheckResult` in JSON: moments as ms, and the outcome named by its probe where it is the probe's own. */
interface StoredCheckResult extends Omit<CheckResult, 'checkedAt' | 'outcome' | 'probes'> {
  readonly checkedAt: number
  readonly outcome: Outcome | number
  readonly probes: readonly StoredProbeResult[]
}

interface StoredProbeResult extends Omit<ProbeResult, 'certificateExpiresAt'> {
  readonly certificateExpiresAt: number | null
}

/** An outcome may hold hundreds of peers, so the one that decided is not written twice. */
export function encodeCheck(check: CheckResult): string {
  const decidedBy = check.probes.findIndex((probe) => probe.outcome === check.outcome)
  const stored: StoredCheckResult = {
    ...check,
    checkedAt: check.checkedAt.getTime(),
    outcome: decidedBy === -1 ? storable(check.outcome) : decidedBy,
    probes: check.probes.map((probe) => ({
      ...probe,
      outcome: storable(probe.outcome),
      certificateExpiresAt: probe.certificateExpiresAt?.getTime() ?? null,
    })),
  }
  return holdsExtra(check) ? JSON.stringify(stored, inNumbers) : JSON.stringify(stored)
}

export function decodeCheck(json: string): CheckResult {
  const stored: StoredCheckResult = JSON.parse(json)
  const probes = stored.probes.map((probe) => ({ ...probe, certificateExpiresAt: moment(probe.certificateExpiresAt) }))
  const outcome = typeof stored.outcome === 'number' ? probes[stored.outcome]?.outcome : stored.outcome
  if (outcome === undefined) throw new Error('check without an outcome')
  return { ...stored, checkedAt: new Date(stored.checkedAt), outcome, probes }
}

/** The bytes are for whoever looks at the check itself; kept is the text. */
function storable(outcome: Outcome): Outcome {
  if (outcome.kind !== 'rejected' || outcome.rawMessageHex === undefined) return outcome
  const { rawMessageHex: _, ...kept } = outcome
  return kept
}

function holdsExtra({ outcome, probes }: CheckResult): boolean {
  return [outcome, ...probes.map((probe) => probe.outcome)].some(
    (one) => one.kind === 'ok' && Object.keys(one.announce.extra).length > 0,
  )
}

/** Trackers send integers of any size among the extra keys of an answer; JSON has no other number to offer. */
function inNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}

function moment(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}
