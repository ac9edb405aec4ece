import {
  type CheckResult,
  codeOf,
  flagsOf,
  messageOf,
  type Outcome,
  type ProbeResult,
  reasonOf,
} from '../tracker/outcome.js'

/** A result as `check --json` prints it. Names and shapes are a contract; times are ms. */
export function checkJson(result: CheckResult, given: string) {
  const { alive, outcome, latencyMs, checkedAt, probes } = result
  return {
    url: given,
    alive,
    ...verdict(outcome),
    ...message(outcome),
    latencyMs: rounded(latencyMs),
    checkedAt: checkedAt.toISOString(),
    flags: flagsOf(outcome),
    probes: probes.map(probeJson),
  }
}

function probeJson({ family, address, outcome, latencyMs, attempts, phases, redirectedTo }: ProbeResult) {
  const announce = outcome.kind === 'ok' ? outcome.announce : null
  return {
    family,
    address,
    ...verdict(outcome),
    phase: outcome.kind === 'failed' ? outcome.phase : null,
    ...message(outcome),
    latencyMs: rounded(latencyMs),
    attempts,
    phases: Object.fromEntries(Object.entries(phases).map(([phase, ms]) => [phase, rounded(ms)])),
    flags: flagsOf(outcome),
    ...(redirectedTo === undefined ? {} : { redirectedTo }),
    interval: announce?.intervalS ?? null,
    minInterval: announce?.minIntervalS ?? null,
    seeders: announce?.seeders ?? null,
    leechers: announce?.leechers ?? null,
    peers: announce === null ? null : peerCount(announce),
  }
}

function verdict(outcome: Outcome) {
  return { outcome: outcome.kind, reason: reasonOf(outcome), code: codeOf(outcome) }
}

/** A text that is not UTF-8 comes with its bytes. */
function message(outcome: Outcome) {
  const messageHex = outcome.kind === 'rejected' ? outcome.rawMessageHex : undefined
  return { message: messageOf(outcome), ...(messageHex === undefined ? {} : { messageHex }) }
}

/** Null where the tracker sent no list at all. */
function peerCount({ peers, peers6 }: Extract<Outcome, { kind: 'ok' }>['announce']): number | null {
  return peers === null && peers6 === null ? null : (peers?.length ?? 0) + (peers6?.length ?? 0)
}

/** To the microsecond: more digits are noise. */
function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1000) / 1000
}
