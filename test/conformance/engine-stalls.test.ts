import { describe, expect, it, onTestFinished } from 'vitest'
import { type CheckTrackersOptions, checkTrackers } from '../../src/probe/check-trackers.js'
import { type CheckResult, flagsOf } from '../../src/tracker/outcome.js'
import { freshFolder, writeConfig } from '../e2e/folder.js'
import { startDaemon } from '../e2e/program.js'
import { statusOf } from '../e2e/samples.js'
import { block } from '../support/block.js'
import { SHORT_MS, summary, using } from '../support/check-local.js'
import { announced, goodTracker, kindOf, scripted, startUdpTracker, type UdpTracker } from '../support/udp-tracker.js'

const local = { allowPrivate: true }

/** What a stall leaves of a result. */
function traces({ outcome, probes, latencyMs }: CheckResult) {
  const [probe] = probes
  return {
    verdict: summary(outcome),
    isFlagged: flagsOf(outcome).includes('clock_skew'),
    latencyMs,
    probed: [probe?.latencyMs, probe?.phases, probe?.packetsLost],
  }
}

const VOID = { isFlagged: true, latencyMs: null, probed: [null, {}, 0] }

/** Trackers on one port each that answer the announces all together, when the last one has come. */
async function startTogether(count: number): Promise<readonly UdpTracker[]> {
  const held: (() => void)[] = []
  const respond: typeof goodTracker = (packet, from, send) => {
    const answers = goodTracker(packet, from, send) ?? []
    if (kindOf(packet) !== 'announce') return answers
    held.push(() => answers.forEach(send))
    if (held.length === count) for (const answer of held) answer()
    return []
  }
  const started = await Promise.all(Array.from({ length: count }, () => startUdpTracker(respond)))
  onTestFinished(async () => void (await Promise.all(started.map(({ stop }) => stop()))))
  return started
}

describe('a stall of our own', () => {
  it('E002 of 500 ms leaves the verdicts and voids the latencies of what was under way, and no others', async () => {
    // Answers that lie in the sockets' buffers while the result of the first one is worked on.
    const trackers = await startTogether(4)
    const results: CheckResult[] = []
    const options: CheckTrackersOptions = {
      ...local,
      attempts: 1,
      onResult: (result) => {
        if (results.push(result) === 1) block(500)
      },
    }
    await checkTrackers(
      trackers.map(({ url }) => url),
      options,
    )
    const [first, ...others] = results
    expect(first?.outcome.kind).toBe('ok')
    expect(others.map(traces)).toEqual(others.map(() => ({ verdict: 'ok', ...VOID })))

    // An answer that lies behind timers which are late is read before anything is sent again.
    const behindTimers = scripted({
      announce: (transactionId, packet) => {
        setImmediate(block, 500)
        return announced()(transactionId, packet)
      },
    })
    const [late] = await checkEach(behindTimers, { timeoutMs: 1600, attempts: 3 })
    expect(late && traces(late)).toEqual({ verdict: 'ok', ...VOID })
    expect(late?.probes).toMatchObject([{ packetsSent: 2 }])

    // And before time is up.
    const [saved] = await checkEach(behindTimers, { timeoutMs: SHORT_MS - 100, attempts: 1 })
    expect(saved && traces(saved)).toEqual({ verdict: 'ok', ...VOID })

    // A deadline that nobody could keep.
    const silent = scripted({
      announce: () => {
        setImmediate(block, 500)
        return []
      },
    })
    const [missed] = await checkEach(silent, { timeoutMs: SHORT_MS - 100, attempts: 1 })
    expect(missed?.outcome).toMatchObject({ kind: 'skipped', reason: 'local_error', code: 'local.stalled' })

    const [fine] = await checkEach(goodTracker, { attempts: 1 })
    expect(fine?.outcome.kind).toBe('ok')
  })

  it('E003 of a stopped process, or a sleeping machine, is not followed by a burst of what became due', {
    timeout: 60_000,
  }, async () => {
    const arrivals: number[] = []
    const hosts = Array.from({ length: TRACKERS }, (_, index) => `127.30.3.${index + 1}`)
    let stop: (() => void) | null = null
    const arrive: typeof goodTracker = (packet, ...rest) => {
      if (kindOf(packet) === 'connect') arrivals.push(performance.now())
      // Before it is answered: the answer comes while nobody listens.
      if (arrivals.length >= BEFORE_STOP) stop?.()
      return goodTracker(packet, ...rest)
    }
    const trackers = await Promise.all(hosts.map((host) => startUdpTracker(arrive, { host })))
    onTestFinished(async () => void (await Promise.all(trackers.map(({ stop }) => stop()))))
    const daemon = await startDaemon(
      writeConfig(freshFolder(), {
        round: { spread: `${SPREAD_MS}ms` },
        probe: { timeout: '2s', allow_private: true },
        groups: [{ name: 'public', trackers: trackers.map(({ url }) => url) }],
      }),
    )
    await new Promise<void>((resolve) => {
      stop = () => {
        stop = null
        daemon.kill('SIGSTOP')
        resolve()
      }
    })
    // Half of the starts become due while the process is stopped.
    await new Promise((resolve) => setTimeout(resolve, SPREAD_MS / 2))
    daemon.kill('SIGCONT')
    await daemon.logged(({ msg, checked }) => msg === 'round ended' && checked === TRACKERS)
    expect(arrivals).toHaveLength(TRACKERS)
    // A burst would bring 20; at their pace it is one or two, and a machine that is busy for a second brings 5.
    expect(mostWithin(200, arrivals)).toBeLessThan(15)
    expect(daemon.log.find(({ msg }) => msg === 'event loop stood still')).toMatchObject({ level: 'warn' })
    const page = await daemon.get('/metrics')
    // What was under way when the process was stopped may be unknown: nobody was there to hear the answer.
    const statuses = trackers.map(({ url }) => statusOf(page, url))
    expect(statuses.filter((status) => status !== 'up' && status !== 'unknown')).toEqual([])
    expect(statuses.filter((status) => status === 'up').length).toBeGreaterThan(TRACKERS - BEFORE_STOP)
  })
})

const TRACKERS = 40
const BEFORE_STOP = 6
const SPREAD_MS = 8000

/** The most moments of a sorted list that lie within so many ms. */
function mostWithin(ms: number, moments: readonly number[]): number {
  return Math.max(...moments.map((from) => moments.filter((at) => at >= from && at < from + ms).length))
}

/** Results of `checkTrackers`, which watches the event loop, on one tracker. */
function checkEach(respond: typeof goodTracker, options: CheckTrackersOptions): Promise<readonly CheckResult[]> {
  return using(startUdpTracker(respond), async ({ url }) => [
    ...(await checkTrackers([url], { ...local, ...options })).values(),
  ])
}
