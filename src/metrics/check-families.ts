import { type AnnounceAnswer, isAlive, type ProbeResult, phaseNames } from '../tracker/outcome.js'
import type { Entry } from '../tracker/state.js'

/** The last check of a tracker: that of its rounds on `/metrics`, the one just made on `/probe`. */
export interface Checked {
  readonly entry: Pick<Entry, 'last' | 'aliveWhen'>
  /** See `lastProbes`. */
  readonly probes: readonly ProbeResult[]
}

/** Writes one sample. `labels` are those beside `tracker`; null writes nothing: an unknown value has no sample. */
export type PutSample = (labels: string, value: number | null) => void

/** A gauge that one check says all about. */
export interface CheckFamily {
  /** Without prefix. */
  readonly name: string
  readonly help: string
  readonly putSamples: (checked: Checked, put: PutSample) => void
}

export const checkFamilies: readonly CheckFamily[] = [
  {
    name: 'tracker_announce_interval_seconds',
    help: 'Interval that the last announce answer asks for.',
    putSamples: (checked, put) => put('', announceOf(checked)?.intervalS ?? null),
  },
  {
    name: 'tracker_min_announce_interval_seconds',
    help: 'Minimum interval of the last announce answer.',
    putSamples: (checked, put) => put('', announceOf(checked)?.minIntervalS ?? null),
  },
  {
    name: 'tracker_seeders',
    help: 'Seeders of the probed info hash in the last announce answer.',
    putSamples: (checked, put) => put('', announceOf(checked)?.seeders ?? null),
  },
  {
    name: 'tracker_leechers',
    help: 'Leechers of the probed info hash in the last announce answer.',
    putSamples: (checked, put) => put('', announceOf(checked)?.leechers ?? null),
  },
  {
    name: 'tracker_certificate_expiry_timestamp_seconds',
    help: 'When the certificate seen by the last check expires, the earliest of its address families.',
    putSamples: ({ probes }, put) => put('', certificateExpiryS(probes)),
  },
  {
    name: 'probe_success',
    help: 'Whether the last probe over the address family got what the policy asks for; absent if it was skipped.',
    putSamples: ({ entry, probes }, put) => {
      for (const { family, outcome } of probes) put(familyLabel(family), Number(isAlive(outcome, entry.aliveWhen)))
    },
  },
  {
    name: 'probe_duration_seconds',
    help: 'Duration of each phase that happened in the last probe over the address family.',
    putSamples: ({ probes }, put) => {
      for (const { family, phases } of probes) {
        for (const phase of phaseNames) put(`${familyLabel(family)},phase="${phase}"`, durationS(phases[phase]))
      }
    },
  },
]

/** At most one per family: of several addresses the one that was alive, else the last one tried. */
export function lastProbes({ last, aliveWhen }: Checked['entry']): readonly ProbeResult[] {
  const made = last?.probes.filter((probe) => probe.outcome.kind !== 'skipped') ?? []
  return ([4, 6] as const).flatMap((family) => {
    const ofFamily = made.filter((probe) => probe.family === family)
    return ofFamily.find((probe) => isAlive(probe.outcome, aliveWhen)) ?? ofFamily.at(-1) ?? []
  })
}

export function certificateExpiryS(probes: readonly ProbeResult[]): number | null {
  return timestampS(earliest(probes.map((probe) => probe.certificateExpiresAt)))
}

export function timestampS(date: Date | null | undefined): number | null {
  return date == null ? null : date.getTime() / 1000
}

export function durationS(durationMs: number | null | undefined): number | null {
  return durationMs == null ? null : durationMs / 1000
}

function announceOf({ entry }: Checked): AnnounceAnswer | null {
  return entry.last?.outcome.kind === 'ok' ? entry.last.outcome.announce : null
}

function familyLabel(family: 4 | 6): string {
  return `family="${family}"`
}

function earliest(dates: readonly (Date | null)[]): Date | null {
  const known = dates.filter((date) => date !== null)
  return known.reduce<Date | null>((first, date) => (first === null || date < first ? date : first), null)
}
