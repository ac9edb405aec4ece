import { isIP } from 'node:net'
import { type CheckResult, isAlive, type Outcome, type ProbeResult, type SkippedOutcome } from '../tracker/outcome.js'
import type { AliveWhen } from '../tracker/policy.js'
import type { Tracker } from '../tracker/tracker.js'
import { type Refused, refuseAddress, refuseName } from './address-policy.js'
import { classify } from './classify.js'
import { type AbortSignalLike, orAborted } from './deadline.js'
import type { Bep34Answer } from './dns/bep34-lookup.js'
import { ResolveError } from './dns/resolve-error.js'
import type { TakeTurn } from './endpoint-gate.js'
import { tookSince } from './loop-watch.js'
import { addFlags, merge, mergeFamilies } from './merge.js'
import { askOptOut, optOutFlags, refuseOptOut } from './opt-out.js'
import { settleAll } from './pool.js'
import { type ProbeOptions, probe } from './probe.js'
import { probeInTurn } from './probe-in-turn.js'
import type { Target } from './prober.js'
import { type OnTrace, startTrace, type Trace } from './trace.js'
import { tracedNames } from './traced-names.js'

/** How a tracker is checked. */
export interface CheckOptions extends ProbeOptions {
  readonly family: 4 | 6 | 'both'
  readonly aliveWhen: AliveWhen
  /** Told everything that the check does; nothing is made for it where it is absent. */
  readonly onTrace?: OnTrace
  /** Keeps probes of one address and port apart; absent: they are not. */
  readonly takeTurn?: TakeTurn
}

/** The most addresses of one family that are probed: a name with dozens is a content network, and one place. */
const MAX_ADDRESSES = 4

/**
 * One check of one tracker: resolves its name, probes each address, and merges what came of it. Never throws for a
 * tracker's fault; when `signal` aborts it rejects with its reason: an aborted check has no result. Takes at most the
 * resolver's time plus `timeoutMs`.
 */
export async function check(tracker: Tracker, given: CheckOptions, signal: AbortSignalLike): Promise<CheckResult> {
  signal.throwIfAborted()
  const { onTrace } = given
  const options = onTrace === undefined ? given : { ...given, trace: startTrace(onTrace, tracker.url) }
  const refused = refuseName(tracker.host, options.allowPrivate)
  if (refused !== null) return resultOf(tracker, skipped(refused), [], options.aliveWhen)
  const version = isIP(tracker.host)
  const families = familiesOf(version, options)
  const optOut = version === 0 ? askOptOut(tracker, tracedNames(options, options.trace)) : null
  const byFamily = await settleAll(families.map((family) => checkFamily(tracker, family, optOut, options, signal)))
  if (options.trace !== undefined) tellFamilies(options.trace, families, byFamily)
  const probes = byFamily.flatMap((family) => family.probes)
  const merged = mergeFamilies(byFamily)
  const outcome = optOut === null ? merged : await withOptOut(merged, tracker, optOut, signal)
  return resultOf(tracker, outcome, probes, options.aliveWhen)
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

function tellFamilies(
  trace: Trace,
  families: readonly (4 | 6)[],
  settled: readonly { readonly outcome: Outcome }[],
): void {
  for (const [index, family] of families.entries()) {
    const outcome = settled[index]?.outcome
    if (outcome !== undefined) trace({ kind: 'family_settled', family, outcome })
  }
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
      .map((address) => probeOf({ tracker, family, address }, resolved.tookMs, options, signal)),
  )
  return { outcome: merge(probes.map((one) => one.outcome)), probes }
}

function probeOf(
  target: Target,
  resolveMs: number | null,
  options: CheckOptions,
  signal: AbortSignalLike,
): Promise<ProbeResult> {
  const { takeTurn } = options
  return takeTurn === undefined
    ? probe(target, resolveMs, options, signal)
    : probeInTurn(takeTurn, target, resolveMs, options, signal)
}

/** The addresses that may be contacted, or the outcome where there is none. */
async function resolve(
  tracker: Tracker,
  family: 4 | 6,
  options: CheckOptions,
  signal: AbortSignalLike,
): Promise<{ addresses: readonly string[]; tookMs: number | null } | { outcome: Outcome }> {
  const startedAt = performance.now()
  try {
    const { resolver } = tracedNames(options, options.trace)
    const addresses = await resolver.resolve(tracker.host, family, signal)
    const refusals = addresses.map((address) => refuseAddress(address, options.allowPrivate))
    const allowed = addresses.filter((_, index) => refusals[index] === null)
    if (allowed.length > 0) return { addresses: allowed, tookMs: tookSince(startedAt, options.loop) }
    const refused = refusals.find((refusal) => refusal !== null)
    if (refused !== undefined && refused !== null) return { outcome: skipped(refused) }
    throw new ResolveError('dns.nodata', `${tracker.host} has no IPv${family} address`)
  } catch (error) {
    signal.throwIfAborted()
    const outcome = classify(error, 'resolve')
    if (outcome === null) throw error
    return { outcome }
  }
}

/** What a check comes to. */
export function resultOf(
  tracker: Tracker,
  outcome: Outcome,
  probes: readonly ProbeResult[],
  aliveWhen: AliveWhen,
): CheckResult {
  const latencyMs = latencyOf(outcome.kind, probes)
  // At the end: what the tracker asks to wait counts from its answer on, and before a probe there may be waiting.
  return { url: tracker.url, checkedAt: new Date(), outcome, alive: isAlive(outcome, aliveWhen), latencyMs, probes }
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
