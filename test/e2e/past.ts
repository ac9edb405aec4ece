import { openStore } from '../../src/store/open.js'
import type { CheckResult, Outcome } from '../../src/tracker/outcome.js'
import type { WatchedTracker } from '../../src/tracker/state.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { DAY, HOUR, MINUTE, ok, probe, records } from '../store/support.js'

/** What happened to a tracker before the daemon of a test is started. */
export interface Past {
  readonly url: string
  readonly group: string
  /** Where its name led to. */
  readonly address: string
  readonly latencyMs: number
  /** The outcomes that were not good, so many hours before now; the first that holds counts. */
  readonly troubles: readonly { readonly fromH: number; readonly toH: number; readonly outcome: Outcome }[]
}

const PAST_MS = 40 * DAY
/** Up to here every hour, from here on every ten minutes. */
const DENSE_MS = 25 * HOUR
const policy = { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: 150 * MINUTE } as const

/** Writes a history into the store of a daemon that has not been started yet. */
export async function writePast(location: string, pasts: readonly Past[], now: Date): Promise<void> {
  const store = await openStore(location)
  await store.watch(pasts.map(watchedAs), new Date(now.getTime() - PAST_MS))
  for (const past of pasts) await store.record(records(checksOf(past, now), policy))
  await store.roll(now)
  await store.close()
}

function watchedAs({ url, group }: Past): WatchedTracker {
  const { tracker, problem } = parseTracker(url)
  if (tracker === undefined) throw new Error(`${url}: ${problem.message}`)
  return { tracker, group, aliveWhen: 'announce' }
}

function checksOf(past: Past, now: Date): CheckResult[] {
  return momentsBefore(now).map((agoMs, index) => {
    const { outcome = ok } = past.troubles.find(({ fromH, toH }) => agoMs <= fromH * HOUR && agoMs > toH * HOUR) ?? {}
    const latencyMs = outcome.kind === 'failed' ? null : past.latencyMs * (1 + (((index * 7919) % 97) / 97) ** 4)
    const phases = latencyMs === null ? {} : { udp_connect: latencyMs * 0.4, udp_announce: latencyMs * 0.6 }
    const seen = probe(outcome, { address: past.address, latencyMs, phases: { resolve: 2.5, ...phases } })
    const checkedAt = new Date(now.getTime() - agoMs)
    return { url: past.url, checkedAt, outcome, alive: outcome.kind === 'ok', latencyMs, probes: [seen] }
  })
}

/** Oldest first, ms before now, none within the last minute. */
function momentsBefore(now: Date): readonly number[] {
  const moments: number[] = []
  const phase = now.getTime() % MINUTE
  for (let agoMs = PAST_MS; agoMs > DENSE_MS; agoMs -= HOUR) moments.push(agoMs + phase)
  for (let agoMs = DENSE_MS; agoMs >= MINUTE; agoMs -= 10 * MINUTE) moments.push(agoMs + phase)
  return moments
}
