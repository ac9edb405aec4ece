import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { latencyAt } from '../../../tracker/latency-histogram.js'
import { cutRatio } from '../../../tracker/ratios.js'
import { type Rollup, sumOf } from '../../../tracker/rollup.js'
import { uptimeWindows } from '../../../tracker/state.js'
import { DAY_MS, HOUR_MS } from '../../../tracker/time.js'
import type { Window } from '../../../tracker/uptime.js'
import type { ApiDeps } from './deps.js'
import { trackerOf, trackerParams } from './one-tracker.js'
import { moment, oneOf, parameters } from './parameters.js'
import { parameterProblemOf, parametersProblem } from './problem.js'
import { jsonRoute } from './routes.js'
import * as values from './values.js'
import { ascending, endOf } from './window.js'

const { count, milliseconds, ratio } = values

const figures = {
  from: values.moment('Beginning.'),
  to: values.moment('End, exclusive.'),
  checks: z
    .strictObject({
      ok: count('Answered.'),
      rejected: count('Refused in protocol.'),
      failed: count('Failed.'),
      skipped: count('Not carried out.'),
    })
    .openapi('CheckCounts', { description: 'Checks by outcome.' }),
  reasons: z
    .partialRecord(values.reason, z.int().min(1))
    .openapi({ description: 'Failed and skipped checks by reason; a reason that did not occur is absent.' }),
  packetsSent: count('Packets sent.'),
  packetsLost: count('Packets that had to be sent again.'),
  uptime: z
    .strictObject({
      ratio: ratio('Share of the observed time that was alive; null where nothing was observed.').nullable(),
      observedMs: milliseconds('Time that was observed.'),
      aliveMs: milliseconds('Time that was alive.'),
      skippedMs: milliseconds('Time in which the tracker was known and not observed.'),
    })
    .openapi('Uptime', { description: 'How the time divides, weighted by its length.' }),
  latency: z
    .strictObject({
      samples: count('Answered checks with a latency.'),
      p50Ms: milliseconds('Median, to 4 %.').nullable(),
      p95Ms: milliseconds('95th percentile, to 4 %.').nullable(),
      p99Ms: milliseconds('99th percentile, to 4 %.').nullable(),
    })
    .openapi('Latency', { description: 'Latency of the answered checks, from a histogram; null without an answer.' }),
}
const figuresSchema = z
  .strictObject(figures)
  .openapi('HistoryFigures', { description: 'What a tracker did in a time.' })
type FiguresJson = z.infer<typeof figuresSchema>

const historySchema = z
  .strictObject({
    unit: z.enum(['hour', 'day']).openapi({ description: 'Length of an item, counted in UTC.' }),
    from: values.moment('Beginning of the window.'),
    to: values.moment('End of the window, exclusive.'),
    total: values.orNull(figuresSchema).openapi({ description: 'The sum of the items; null if there are none.' }),
    items: z
      .array(figuresSchema)
      .openapi({ description: 'The oldest first; without those in which nothing happened.' }),
  })
  .openapi('History', { description: 'The hours or days of a tracker.' })

const unitsMs = { hour: HOUR_MS, day: DAY_MS } as const
type Unit = keyof typeof unitsMs
const MOST_ITEMS = { hour: 92 * 24, day: 20 * 366 } as const
/** Up to here hours are told where nobody says. */
const LONGEST_BY_HOUR_MS = 7 * DAY_MS

const route = jsonRoute({
  path: '/trackers/{id}/history',
  operationId: 'getHistory',
  tag: 'One tracker',
  summary: 'Its hours or days',
  description:
    'Those that begin in the window, which ends now unless "to" is given. Quantiles of a longer time are not the mean of those of its parts: ask for the window, whose sum is the total.',
  params: trackerParams,
  query: parameters({
    window: oneOf(values.windowNames, 'How far back from the end. Default: 24h. Not together with "from".').optional(),
    from: moment('From this moment on.').optional(),
    to: moment('Before this moment. Default: now.').optional(),
    unit: oneOf(
      ['hour', 'day'],
      'Hours, of at most 92 days, or days, of at most 20 years. Default: hours for a window of up to 7 days, else days.',
    ).optional(),
  }),
  answer: historySchema,
  answerDescription: 'The hours or days, and their sum.',
  example: '/trackers/0123456789ab/history?window=7d&unit=day',
})

/** `/trackers/:id/history` */
export function addHistory(api: OpenAPIHono, { store, now }: ApiDeps): void {
  api.openapi(route, async (c) => {
    const { unit: asked, ...stretch } = c.req.valid('query')
    const window = historyWindow(stretch, now())
    const unit = asked ?? (lengthOf(window) <= LONGEST_BY_HOUR_MS ? 'hour' : 'day')
    requireShort(window, unit, { ...stretch, unit: asked })
    const { tracker } = await trackerOf(store, c.req.valid('param').id)
    const rollups = await (unit === 'hour' ? store.hours : store.days)(tracker.url, window)
    const total = sumOf(rollups)
    return c.json(
      {
        unit,
        from: window.from.toISOString(),
        to: window.to.toISOString(),
        total: total === null ? null : figuresJson(total),
        items: rollups.map(figuresJson),
      },
      200,
    )
  })
}

interface Stretch {
  readonly window?: keyof typeof uptimeWindows | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

function historyWindow({ window, from, to }: Stretch, now: Date): Window {
  if (window !== undefined && from !== undefined) {
    throw parametersProblem([parameterProblemOf('window', window, 'expected either "window" or "from"')])
  }
  const end = to ?? now
  return ascending({ from: from ?? new Date(end.getTime() - uptimeWindows[window ?? '24h']), to: end }, { from, to })
}

function lengthOf({ from, to }: Window): number {
  return to.getTime() - from.getTime()
}

/** Blames the unit only where it was asked for; no window without one is too long but by its beginning. */
function requireShort(window: Window, unit: Unit, given: Stretch & { readonly unit: Unit | undefined }): void {
  if (lengthOf(window) <= MOST_ITEMS[unit] * unitsMs[unit]) return
  const most = unit === 'hour' ? '92 days' : '20 years'
  if (given.unit !== undefined) {
    throw parametersProblem([parameterProblemOf('unit', unit, `expected a window of at most ${most} with it`)])
  }
  const expected = `expected at most ${most} before ${endOf(given)}, which is as long as a window of ${unit}s may be`
  throw parametersProblem([parameterProblemOf('from', window.from.toISOString(), expected)])
}

function figuresJson({ from, to, checks, reasons, packetsSent, packetsLost, uptime, latencies }: Rollup): FiguresJson {
  const { observedMs, aliveMs, skippedMs } = uptime
  const quantile = (share: number): number | null => values.roundedMs(latencyAt(latencies, share))
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    checks: { ok: checks.ok, rejected: checks.rejected, failed: checks.failed, skipped: checks.skipped },
    reasons: { ...reasons },
    packetsSent,
    packetsLost,
    uptime: {
      ratio: cutRatio(observedMs > 0 ? aliveMs / observedMs : null),
      observedMs: values.roundedMs(observedMs),
      aliveMs: values.roundedMs(aliveMs),
      skippedMs: values.roundedMs(skippedMs),
    },
    latency: { samples: latencies.total, p50Ms: quantile(0.5), p95Ms: quantile(0.95), p99Ms: quantile(0.99) },
  }
}
