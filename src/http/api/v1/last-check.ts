import { z } from '@hono/zod-openapi'
import {
  type CheckResult,
  codeOf,
  flagsOf,
  messageOf,
  type Outcome,
  type Phases,
  type ProbeResult,
  phaseNames,
  reasonOf,
} from '../../../tracker/outcome.js'
import type { Tracker } from '../../../tracker/tracker.js'
import { toMs } from './tracker-resource.js'
import * as values from './values.js'

const { count, milliseconds, moment } = values

/** What checks and their probes say alike. */
const verdict = {
  outcome: values.outcome,
  reason: values.orNull(values.reason),
  code: values.code.nullable(),
  message: values.message.nullable(),
  flags: z.array(values.flag).openapi({ description: 'Observations.' }),
  latencyMs: milliseconds('Time of the exchange, name resolution excluded.').nullable(),
}

const probeSchema = z
  .strictObject({
    family: values.family,
    address: z.string().openapi({ description: 'IP address.' }),
    ...verdict,
    phase: values.orNull(values.phase).openapi({ description: 'Where it failed.' }),
    attempts: count('Sends; 2 or more where a packet was lost.'),
    packetsSent: count('Packets sent.'),
    packetsLost: count('Packets that had to be sent again.'),
    phases: z.partialRecord(values.phase, z.number().min(0)).openapi({
      description: 'Duration of each step that happened, milliseconds.',
    }),
    certificateExpiresAt: moment('End of the validity of the certificate, for TLS.').nullable(),
    redirectedTo: z.string().nullable().openapi({ description: 'Announce URL that the tracker redirected to.' }),
    intervalMs: milliseconds('Time between announces that the tracker asks for.').nullable(),
    minIntervalMs: milliseconds('Shortest time between announces that the tracker allows.').nullable(),
    seeders: count('Seeders.').nullable(),
    leechers: count('Leechers.').nullable(),
    peers: count('Peers that were named.').nullable(),
  })
  .openapi('Probe', { description: 'One exchange with one address of a tracker.' })

export const lastCheckSchema = z
  .strictObject({
    checkedAt: moment('When the check ended.'),
    alive: z.boolean().openapi({ description: 'Whether this check alone found the tracker alive.' }),
    ...verdict,
    probes: z.array(probeSchema).openapi({ description: 'One for each address that was probed.' }),
  })
  .openapi('LastCheck', { description: 'The newest check in full.' })

export function lastCheckJson(check: CheckResult, tracker: Tracker): z.infer<typeof lastCheckSchema> {
  const { checkedAt, alive, outcome, latencyMs, probes } = check
  return {
    checkedAt: checkedAt.toISOString(),
    alive,
    ...verdictJson(outcome, latencyMs, tracker),
    probes: probes.map((probe) => probeJson(probe, tracker)),
  }
}

function probeJson(probe: ProbeResult, tracker: Tracker): z.infer<typeof probeSchema> {
  const { family, address, outcome, latencyMs, attempts, packetsSent, packetsLost, certificateExpiresAt } = probe
  const announce = outcome.kind === 'ok' ? outcome.announce : null
  return {
    family,
    address,
    ...verdictJson(outcome, latencyMs, tracker),
    phase: outcome.kind === 'failed' ? outcome.phase : null,
    attempts,
    packetsSent,
    packetsLost,
    phases: phasesJson(probe.phases),
    certificateExpiresAt: values.textOf(certificateExpiresAt),
    redirectedTo: probe.redirectedTo ?? null,
    intervalMs: toMs(announce?.intervalS ?? null),
    minIntervalMs: toMs(announce?.minIntervalS ?? null),
    seeders: announce?.seeders ?? null,
    leechers: announce?.leechers ?? null,
    peers: announce === null ? null : peerCount(announce),
  }
}

function verdictJson(outcome: Outcome, latencyMs: number | null, tracker: Tracker) {
  return {
    outcome: outcome.kind,
    reason: reasonOf(outcome),
    code: codeOf(outcome),
    message: values.shownMessage(messageOf(outcome), tracker),
    flags: [...flagsOf(outcome)],
    latencyMs: values.roundedMs(latencyMs),
  }
}

function phasesJson(phases: Phases): Phases {
  return Object.fromEntries(
    phaseNames.flatMap((name) => {
      const ms = phases[name]
      return ms === undefined ? [] : [[name, values.roundedMs(ms)]]
    }),
  )
}

/** Null where the tracker sent no list at all. */
function peerCount({ peers, peers6 }: Extract<Outcome, { kind: 'ok' }>['announce']): number | null {
  return peers === null && peers6 === null ? null : (peers?.length ?? 0) + (peers6?.length ?? 0)
}
