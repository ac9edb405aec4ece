import {
  type CheckResult,
  failureReasons,
  type Outcome,
  type ProbeResult,
  reasonOf,
  skipReasons,
} from '../tracker/outcome.js'
import type { AliveWhen } from '../tracker/policy.js'
import {
  type Checked,
  certificateExpiryS,
  checkFamilies,
  durationS,
  lastProbes,
  type PutSample,
} from './check-families.js'
import { familyText, sampleLine } from './exposition.js'

/** One check that was made for whoever scrapes `/probe`. */
export interface ProbedOnce {
  readonly result: CheckResult
  /** Whether it came out as the module wants. */
  readonly success: boolean
  /** Of all of it, waiting included, ms. */
  readonly durationMs: number
  readonly aliveWhen: AliveWhen
}

interface ProbeFamily {
  readonly name: string
  readonly help: string
  readonly putSamples: (probed: ProbedOnce, put: PutSample) => void
}

const outcomeKinds = ['ok', 'rejected', 'failed', 'skipped'] as const satisfies readonly Outcome['kind'][]
const reasons = [...failureReasons, ...skipReasons]

/** What the blackbox exporter says too has the name it has there, so that its rules and dashboards fit. */
const probeFamilies: readonly ProbeFamily[] = [
  {
    name: 'probe_success',
    help: 'Whether the check came out as the module wants.',
    putSamples: ({ success }, put) => put('', Number(success)),
  },
  {
    name: 'probe_duration_seconds',
    help: 'How long the whole check took, waiting for its turn included.',
    putSamples: ({ durationMs }, put) => put('', durationS(durationMs)),
  },
  {
    name: 'probe_dns_lookup_time_seconds',
    help: 'How long the name took to resolve, the slower of two families; absent for an address and for no answer.',
    putSamples: ({ result }, put) => put('', durationS(slowestResolveMs(result))),
  },
  {
    name: 'probe_ip_protocol',
    help: 'Version of IP over which the outcome was found, 4 or 6; absent where nothing was contacted.',
    putSamples: ({ result }, put) => put('', decisive(result)?.family ?? null),
  },
  {
    name: 'probe_ssl_earliest_cert_expiry',
    help: 'When the first certificate expires that was seen, in seconds since 1970; absent without TLS.',
    putSamples: ({ result }, put) => put('', certificateExpiryS(result.probes)),
  },
  {
    name: 'trackerwatch_probe_outcome',
    help: 'Outcome of the check: 1 for what it came to, 0 for all others.',
    putSamples: ({ result }, put) => {
      for (const kind of outcomeKinds) put(`outcome="${kind}"`, Number(kind === result.outcome.kind))
    },
  },
  {
    name: 'trackerwatch_probe_reason',
    help: 'Why the check failed or was skipped: 1 for the reason, 0 for all others; all 0 after an answer.',
    putSamples: ({ result }, put) => {
      for (const reason of reasons) put(`reason="${reason}"`, Number(reason === reasonOf(result.outcome)))
    },
  },
]

/** One check as Prometheus text. What `/metrics` says of a check too is said as there, without the label `tracker`. */
export function probePage(probed: ProbedOnce): string {
  const { result, aliveWhen } = probed
  const entry = { last: result, aliveWhen }
  const checked: Checked = { entry, probes: lastProbes(entry) }
  return [
    ...probeFamilies.map((family) => rendered(family.name, family, probed)),
    ...checkFamilies.map((family) => rendered(`trackerwatch_${family.name}`, family, checked)),
  ].join('')
}

function rendered<T>(
  name: string,
  { help, putSamples }: { readonly help: string; readonly putSamples: (subject: T, put: PutSample) => void },
  subject: T,
): string {
  const lines: string[] = []
  putSamples(subject, (labels, value) => {
    if (value !== null) lines.push(sampleLine(name, labels, value))
  })
  return familyText({ name, type: 'gauge', help }, lines.join(''))
}

/** The fastest of the probes that had the outcome of the check. */
function decisive({ outcome, probes }: CheckResult): ProbeResult | undefined {
  const alike = probes.filter((probe) => probe.outcome.kind === outcome.kind && probe.attempts > 0)
  return alike.toSorted((one, other) => tookMs(one) - tookMs(other))[0]
}

function tookMs({ latencyMs }: ProbeResult): number {
  return latencyMs ?? Number.MAX_VALUE
}

function slowestResolveMs({ probes }: CheckResult): number | null {
  const took = probes.flatMap(({ phases }) => phases.resolve ?? [])
  return took.length === 0 ? null : Math.max(...took)
}
