/** Inside the namespace: rounds of checks of trackers that are fine, behind whatever loses their datagrams. */
import { checkTracker } from '../../src/probe/check-trackers.js'
import { type Health, nextHealth } from '../../src/tracker/health.js'
import { goodTracker, type Respond, startUdpTracker } from '../support/udp-tracker.js'

export interface RoundsTask {
  readonly trackers: number
  /** Of each tracker, one after the other. */
  readonly rounds: number
  readonly timeoutMs: number
  readonly downAfter: number
  /** Where the network loses nothing by itself: the share that the trackers lose, of what comes and of what they send. */
  readonly lossRatio: number
}
export interface RoundsReport {
  readonly checks: number
  readonly failed: number
  /** Rounds after which a tracker was called down. */
  readonly down: number
  readonly sent: number
  readonly lost: number
}

const task: RoundsTask = JSON.parse(process.argv[2] ?? '')
const { timeoutMs, downAfter, lossRatio } = task
const policy = { downAfter, upAfter: 1, aliveWhen: 'announce', holdMs: 3_600_000 } as const
const total = { checks: 0, failed: 0, down: 0, sent: 0, lost: 0 }

const isLost = (): boolean => Math.random() < lossRatio
const lossy: Respond = (packet, ...rest) =>
  isLost() ? [] : (goodTracker(packet, ...rest) ?? []).filter(() => !isLost())

async function watch(): Promise<void> {
  const { url, stop } = await startUdpTracker(lossy)
  let health: Health | undefined
  for (let round = 0; round < task.rounds; round++) {
    const result = await checkTracker(url, { allowPrivate: true, timeoutMs, attempts: 3 })
    health = nextHealth(health, result, policy)
    total.checks++
    if (!result.alive) total.failed++
    if (health.status === 'down') total.down++
    for (const { packetsSent, packetsLost } of result.probes) {
      total.sent += packetsSent
      total.lost += packetsLost
    }
  }
  await stop()
}

await Promise.all(Array.from({ length: task.trackers }, watch))
process.stdout.write(JSON.stringify(total satisfies RoundsReport))
