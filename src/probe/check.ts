import { isIP } from 'node:net'
import {
  type AliveWhen,
  type CheckResult,
  isAlive,
  type Outcome,
  type ProbeResult,
  type SkippedOutcome,
} from '../tracker/outcome.js'
import type { Tracker } from '../tracker/tracker.js'
import { type Refused, refuseAddress, refuseName } from './address-policy.js'
import { classify } from './classify.js'
import { merge, mergeFamilies } from './merge.js'
import { type ProbeOptions, probe } from './probe.js'
import type { NameResolver } from './resolve.js'

/** How a tracker is checked. */
export interface CheckOptions extends ProbeOptions {
  readonly family: 4 | 6 | 'both'
  readonly aliveWhen: AliveWhen
  readonly resolver: NameResolver
  /** Aborting makes `check` reject with the signal's reason: an aborted check has no result. */
  readonly signal: AbortSignal
}

/** The most addresses of one family that are probed: a name with dozens is a content network, and one place. */
const MAX_ADDRESSES = 4

/**
 * One check of one tracker: resolves its name, probes each address, and merges what came of it. Never throws for a
 * tracker's fault. Takes at most the resolver's time plus `timeoutMs`.
 */
export async function check(tracker: Tracker, options: CheckOptions): Promise<CheckResult> {
  options.signal.throwIfAborted()
  const checkedAt = new Date()
  const refused = refuseName(tracker.host, options.allowPrivate)
  if (refused !== null) return resultOf(tracker, checkedAt, skipped(refused), [], options.aliveWhen)
  const families = options.family === 'both' ? ([4, 6] as const) : ([options.family] as const)
  // Every family is waited for, also where one throws: nothing of a check outlives it.
  const settled = await Promise.allSettled(families.map((family) => checkFamily(tracker, family, options)))
  options.signal.throwIfAborted()
  const byFamily = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
  const probes = byFamily.flatMap((family) => family.probes)
  return resultOf(tracker, checkedAt, mergeFamilies(byFamily), probes, options.aliveWhen)
}

async function checkFamily(
  tracker: Tracker,
  family: 4 | 6,
  options: CheckOptions,
): Promise<{ readonly outcome: Outcome; readonly probes: readonly ProbeResult[] }> {
  const startedAt = performance.now()
  let addresses: readonly string[]
  try {
    addresses = await options.resolver.resolve(tracker.host, family, options.signal)
  } catch (error) {
    options.signal.throwIfAborted()
    const outcome = classify(error, 'resolve', family)
    if (outcome === null) throw error
    return { outcome, probes: [] }
  }
  // An address in the URL needs no resolving, and a phase that did not happen is absent.
  const resolveMs = isIP(tracker.host) === 0 ? performance.now() - startedAt : null
  const allowed = addresses.filter((address) => refuseAddress(address, options.allowPrivate) === null)
  const [first] = addresses
  if (allowed.length === 0 && first !== undefined) {
    const refused = refuseAddress(first, options.allowPrivate)
    if (refused !== null) return { outcome: skipped(refused), probes: [] }
  }
  const settled = await Promise.allSettled(
    allowed.slice(0, MAX_ADDRESSES).map((address) => probe({ tracker, family, address }, resolveMs, options)),
  )
  const probes = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
  return { outcome: merge(probes.map((one) => one.outcome)), probes }
}

function resultOf(
  tracker: Tracker,
  checkedAt: Date,
  outcome: Outcome,
  probes: readonly ProbeResult[],
  aliveWhen: AliveWhen,
): CheckResult {
  const latencyMs = latencyOf(outcome.kind, probes)
  return { url: tracker.url, checkedAt, outcome, alive: isAlive(outcome, aliveWhen), latencyMs, probes }
}

/** The fastest of the probes that had the outcome which decided. */
function latencyOf(kind: Outcome['kind'], probes: readonly ProbeResult[]): number | null {
  const latencies = probes.flatMap((one) =>
    one.outcome.kind === kind && one.latencyMs !== null ? [one.latencyMs] : [],
  )
  return latencies.length === 0 ? null : Math.min(...latencies)
}

function skipped(refused: Refused): SkippedOutcome {
  return { kind: 'skipped', ...refused }
}
