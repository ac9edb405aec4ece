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
import type { Bep34Answer } from './bep34-lookup.js'
import { classify } from './classify.js'
import { type AbortSignalLike, orAborted } from './deadline.js'
import { addFlags, merge, mergeFamilies } from './merge.js'
import { askOptOut, optOutFlags, refuseOptOut } from './opt-out.js'
import { settleAll } from './pool.js'
import { type ProbeOptions, probe } from './probe.js'
import { ResolveError } from './resolve.js'

/** How a tracker is checked. */
export interface CheckOptions extends ProbeOptions {
  readonly family: 4 | 6 | 'both'
  readonly aliveWhen: AliveWhen
}

/** The most addresses of one family that are probed: a name with dozens is a content network, and one place. */
const MAX_ADDRESSES = 4

/**
 * One check of one tracker: resolves its name, probes each address, and merges what came of it. Never throws for a
 * tracker's fault; when `signal` aborts it rejects with its reason: an aborted check has no result. Takes at most the
 * resolver's time plus `timeoutMs`.
 */
export async function check(tracker: Tracker, options: CheckOptions, signal: AbortSignalLike): Promise<CheckResult> {
  signal.throwIfAborted()
  const checkedAt = new Date()
  const refused = refuseName(tracker.host, options.allowPrivate)
  if (refused !== null) return resultOf(tracker, checkedAt, skipped(refused), [], options.aliveWhen)
  const version = isIP(tracker.host)
  const families = familiesOf(version, options)
  const optOut = version === 0 ? askOptOut(tracker, options) : null
  const byFamily = await settleAll(families.map((family) => checkFamily(tracker, family, optOut, options, signal)))
  const probes = byFamily.flatMap((family) => family.probes)
  const merged = mergeFamilies(byFamily)
  const outcome = optOut === null ? merged : await withOptOut(merged, tracker, optOut, signal)
  return resultOf(tracker, checkedAt, outcome, probes, options.aliveWhen)
}

/** The outcome, with a note where the owner of the name has something to say. */
async function withOptOut(
  outcome: Outcome,
  tracker: Tracker,
  optOut: Promise<Bep34Answer>,
  signal: AbortSignalLike,
): Promise<Outcome> {
  if (outcome.kind !== 'ok' && outcome.kind !== 'rejected') return outcome
  return addFlags(outcome, optOutFlags(tracker, await orAborted(optOut, signal)))
}

/** An address in the URL has one family, whatever is asked for. */
function familiesOf(version: number, options: CheckOptions): readonly (4 | 6)[] {
  if (version === 4 || version === 6) return options.family === 'both' ? [version] : [options.family]
  return options.family === 'both' ? [4, 6] : [options.family]
}

async function checkFamily(
  tracker: Tracker,
  family: 4 | 6,
  optOut: Promise<Bep34Answer> | null,
  options: CheckOptions,
  signal: AbortSignalLike,
): Promise<{ readonly outcome: Outcome; readonly probes: readonly ProbeResult[] }> {
  // An address in the URL has been through the policy already, and a phase that did not happen is absent.
  const literal = isIP(tracker.host) === family
  const resolved = literal
    ? { addresses: [tracker.host], tookMs: null }
    : await resolve(tracker, family, options, signal)
  if ('outcome' in resolved) return { ...resolved, probes: [] }
  // Not one packet before the owner of the name has had the chance to say no.
  if (optOut !== null && options.bep34 === 'obey') {
    const refused = refuseOptOut(tracker, await orAborted(optOut, signal))
    if (refused !== null) return { outcome: skipped(refused), probes: [] }
  }
  const probes = await settleAll(
    resolved.addresses
      .slice(0, MAX_ADDRESSES)
      .map((address) => probe({ tracker, family, address }, resolved.tookMs, options, signal)),
  )
  return { outcome: merge(probes.map((one) => one.outcome)), probes }
}

/** The addresses that may be contacted, or the outcome where there is none. */
async function resolve(
  tracker: Tracker,
  family: 4 | 6,
  options: CheckOptions,
  signal: AbortSignalLike,
): Promise<{ addresses: readonly string[]; tookMs: number } | { outcome: Outcome }> {
  const startedAt = performance.now()
  try {
    const addresses = await options.resolver.resolve(tracker.host, family, signal)
    const refusals = addresses.map((address) => refuseAddress(address, options.allowPrivate))
    const allowed = addresses.filter((_, index) => refusals[index] === null)
    if (allowed.length > 0) return { addresses: allowed, tookMs: performance.now() - startedAt }
    const refused = refusals.find((refusal) => refusal !== null)
    if (refused !== undefined && refused !== null) return { outcome: skipped(refused) }
    throw new ResolveError('dns.nodata', `${tracker.host} has no IPv${family} address`)
  } catch (error) {
    signal.throwIfAborted()
    const outcome = classify(error, 'resolve', family)
    if (outcome === null) throw error
    return { outcome }
  }
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
  let fastestMs: number | null = null
  for (const { outcome, latencyMs } of probes) {
    if (outcome.kind !== kind || latencyMs === null) continue
    if (fastestMs === null || latencyMs < fastestMs) fastestMs = latencyMs
  }
  return fastestMs
}

function skipped(refused: Refused): SkippedOutcome {
  return { kind: 'skipped', ...refused }
}
