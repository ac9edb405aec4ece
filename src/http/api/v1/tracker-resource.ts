import { z } from '@hono/zod-openapi'
import { codeOf, flagsOf, messageOf, reasonOf } from '../../../tracker/outcome.js'
import { cutRatio } from '../../../tracker/ratios.js'
import { worksOver } from '../../../tracker/select.js'
import type { Entry } from '../../../tracker/state.js'
import * as values from './values.js'

const { count, milliseconds, moment, ratio } = values

const uptime = z
  .strictObject({
    '24h': ratio('Over 24 hours.').nullable(),
    '7d': ratio('Over 7 days.').nullable(),
    '30d': ratio('Over 30 days.').nullable(),
    '90d': ratio('Over 90 days.').nullable(),
    '1y': ratio('Over 365 days.').nullable(),
  })
  .openapi('UptimeByWindow', {
    description:
      'Share of the observed time in which the tracker was alive, per window that ends now; null where nothing was observed. Time in which the monitor did not see counts neither way.',
  })

export const trackerSchema = z
  .strictObject({
    id: values.id,
    url: values.url,
    scheme: values.scheme,
    host: z.string().openapi({ description: 'DNS name in punycode or IP address, IPv6 without brackets.' }),
    port: z.int().min(1).max(65535).openapi({ description: 'Port.' }),
    group: z.string().openapi({ description: 'Group of the configuration.' }),
    status: values.status,
    since: moment('When the status began; null before the first check.').nullable(),
    alive: z.boolean().openapi({ description: 'Whether the status, and so the tracker, counts as alive.' }),
    aliveWhen: values.aliveWhen,
    outcome: values.orNull(values.outcome).openapi({ description: 'Of the last check; null before it.' }),
    reason: values.orNull(values.reason).openapi({ description: 'Of the last check; null if it was answered.' }),
    code: values.code.nullable(),
    message: values.message.nullable(),
    flags: z.array(values.flag).openapi({ description: 'Observations of the last check.' }),
    checkedAt: moment('When the last check ended.').nullable(),
    lastOkAt: moment('When an announce was last answered.').nullable(),
    addedAt: moment('When the tracker was first watched.'),
    uptime,
    latencyMs: milliseconds(
      'Median latency over 24 hours, name resolution excluded; null without an answer.',
    ).nullable(),
    families: z.array(values.family).openapi({ description: 'Address families over which the tracker is usable.' }),
    intervalMs: milliseconds('Time between announces that the tracker asks for.').nullable(),
    minIntervalMs: milliseconds('Shortest time between announces that the tracker allows.').nullable(),
    seeders: count('Seeders that the last announce answer names, for a torrent that nobody has.').nullable(),
    leechers: count('Leechers, likewise.').nullable(),
  })
  .openapi('Tracker', { description: 'A watched tracker with its status, its last check and its figures.' })
export type TrackerJson = z.infer<typeof trackerSchema>

export function trackerJson(entry: Entry): TrackerJson {
  const { id, tracker, group, health, alive, aliveWhen, last, lastOkAt, addedAt, latencyMs } = entry
  const outcome = last?.outcome ?? null
  const announce = outcome?.kind === 'ok' ? outcome.announce : null
  return {
    id,
    url: values.shownUrl(tracker),
    scheme: tracker.scheme,
    host: tracker.host,
    port: tracker.port,
    group,
    status: health?.status ?? 'pending',
    since: values.textOf(health?.since ?? null),
    alive,
    aliveWhen,
    outcome: outcome?.kind ?? null,
    reason: outcome === null ? null : reasonOf(outcome),
    code: outcome === null ? null : codeOf(outcome),
    message: outcome === null ? null : values.shownMessage(messageOf(outcome), tracker),
    flags: outcome === null ? [] : [...flagsOf(outcome)],
    checkedAt: values.textOf(health?.checkedAt ?? null),
    lastOkAt: values.textOf(lastOkAt),
    addedAt: addedAt.toISOString(),
    uptime: uptimeJson(entry.uptime),
    latencyMs: values.roundedMs(latencyMs),
    families: ([4, 6] as const).filter((family) => worksOver(entry, family)),
    intervalMs: toMs(announce?.intervalS ?? null),
    minIntervalMs: toMs(announce?.minIntervalS ?? null),
    seeders: announce?.seeders ?? null,
    leechers: announce?.leechers ?? null,
  }
}

function uptimeJson(uptime: Entry['uptime']): TrackerJson['uptime'] {
  return {
    '24h': cutRatio(uptime['24h']),
    '7d': cutRatio(uptime['7d']),
    '30d': cutRatio(uptime['30d']),
    '90d': cutRatio(uptime['90d']),
    '1y': cutRatio(uptime['1y']),
  }
}

export function toMs(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000
}
