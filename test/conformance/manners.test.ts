import { tmpdir } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Config, toConfig } from '../../src/config/config.js'
import { settingsSchema } from '../../src/config/schema.js'
import { type Checker, createChecker, monitorPlan } from '../../src/daemon/plan.js'
import type { MonitorHooks } from '../../src/monitor/hooks.js'
import type { Logger } from '../../src/monitor/log.js'
import { type Monitor, startMonitor } from '../../src/monitor/monitor.js'
import { createListSources } from '../../src/monitor/sources.js'
import { createIdentity } from '../../src/probe/identity.js'
import { openStore } from '../../src/store/open.js'
import { parseTracker, type Tracker } from '../../src/tracker/tracker.js'
import { using } from '../support/check-local.js'
import { type Bencodable, bencodeText } from '../support/encode.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { announced, goodTracker, kindOf, scripted, startUdpTracker } from '../support/udp-tracker.js'

/*
 * The daemon's manners: its monitor, its checker and its store, with a clock of the test, against scripted trackers.
 */

const HOUR_S = 3600
const WAIT_S = 3 * HOUR_S

const nothing = (): void => {}
const log: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

interface Group {
  readonly name: string
  readonly trackers: readonly string[]
  readonly interval_floor?: string
}

function trackerAt(url: string): Tracker {
  const { tracker } = parseTracker(url)
  if (tracker === undefined) throw new Error(`${url} does not parse`)
  return tracker
}

function configOf(groups: readonly Group[]): Config {
  const probe = { allow_private: true, timeout: '5s' }
  const settings = settingsSchema.parse({ schedule: '0 * * * *', round: { spread: '0s' }, groups, probe })
  return toConfig(
    settings,
    groups.map(({ trackers }) => trackers.map(trackerAt)),
  )
}

function checkerOf(config: Config): Checker {
  const checker = createChecker(config, createIdentity())
  onTestFinished(checker.close)
  return checker
}

/** Checks what is due by the clock of the test, and nothing else: the beat is hourly. */
async function startWatching(groups: readonly Group[]) {
  const config = configOf(groups)
  const sources = createListSources({ groups: config.groups, directory: tmpdir(), log })
  const plan = monitorPlan(config, sources)
  const checker = checkerOf(config)
  const store = await openStore('sqlite::memory:')
  const clock = { aheadMs: 0 }
  const now = (): Date => new Date(Date.now() + clock.aheadMs)
  let started = 0
  let recorded = 0
  const hooks: MonitorHooks = {
    onRecorded: () => void recorded++,
    onRoundEnd: nothing,
    onBeatMissed: nothing,
    onLag: nothing,
    onUplink: nothing,
    onDropped: () => expect.unreachable(),
    onDatabaseError: (_, error) => expect.unreachable(String(error)),
    onCrash: (error) => expect.unreachable(String(error)),
  }
  const monitor: Monitor = await startMonitor({
    store,
    plan,
    log,
    now,
    hooks,
    check: async (watched, signal) => {
      started++
      const result = await checker.check(watched, signal)
      return result === null ? null : { ...result, checkedAt: now() }
    },
  })
  onTestFinished(async () => {
    await monitor.stop()
    await store.close()
  })
  return {
    /** Looks for what is due so long after the first checks, and waits until it has been checked. */
    at: async (seconds: number): Promise<void> => {
      clock.aheadMs = seconds * 1000
      await monitor.update(plan)
      for (let turn = 0; turn < 20; turn++) await nextTurn()
      while (recorded < started) await nextTurn()
    },
  }
}

describe('the manners of the daemon', () => {
  it('E008 a tracker is not asked again before its min interval, retry in or Retry-After, nor before its interval where the operator says so', async () => {
    const answers: Record<string, { status: number; headers: Record<string, string>; body: Bencodable }> = {
      'min interval': { status: 200, headers: {}, body: { interval: 900, 'min interval': WAIT_S, peers: '' } },
      'retry in': { status: 200, headers: {}, body: { 'failure reason': 'closed', 'retry in': WAIT_S / 60 } },
      'interval beside a refusal': { status: 200, headers: {}, body: { 'failure reason': 'closed', interval: WAIT_S } },
      'Retry-After': { status: 503, headers: { 'retry-after': `${WAIT_S}` }, body: {} },
    }
    const web = await Promise.all(
      Object.entries(answers).map(async ([name, { status, headers, body }]) => {
        const tracker = await startHttpTracker((_, response) =>
          response.writeHead(status, headers).end(bencodeText(body)),
        )
        return { name, tracker, asked: () => tracker.requests.length }
      }),
    )
    const udp = await Promise.all(
      ['interval', 'interval, which is only a wish'].map(async (name) => {
        const tracker = await startUdpTracker(scripted({ announce: announced({ interval: WAIT_S }) }))
        // Behind each announce comes the farewell.
        return { name, tracker, asked: () => tracker.received.filter((one) => kindOf(one) === 'connect').length }
      }),
    )
    const all = [...web, ...udp]
    onTestFinished(async () => void (await Promise.all(all.map(({ tracker }) => tracker.stop()))))
    const [patient, usual] = udp.map(({ tracker }) => tracker.url)
    const monitor = await startWatching([
      { name: 'public', trackers: [...web.map(({ tracker }) => tracker.url), String(usual)] },
      { name: 'as-clients', trackers: [String(patient)], interval_floor: 'interval' },
    ])
    const asked = () => Object.fromEntries(all.map((one) => [one.name, one.asked()]))
    const each = (count: number) => Object.fromEntries(all.map(({ name }) => [name, count]))
    await monitor.at(0)
    expect(asked()).toEqual(each(1))
    // Far above the beat and the wait before a re-check, and below what the trackers ask for.
    await monitor.at(WAIT_S - 30)
    expect(asked()).toEqual({ ...each(1), 'interval, which is only a wish': 2 })
    await monitor.at(WAIT_S + 30)
    expect(asked()).toEqual({ ...each(2), 'interval, which is only a wish': 2 })
  })

  it('E009 trackers at one address and port are asked one after the other, at least a second apart, whatever their protocol', () => {
    const arrivals: { readonly what: string; readonly atMs: number }[] = []
    const arrived = (what: string): void => void arrivals.push({ what, atMs: performance.now() })
    return using(
      startHttpTracker(({ url = '' }, response) => {
        arrived(url.slice(0, url.indexOf('?')))
        response.end(goodAnswer())
      }),
      ({ port }) =>
        using(
          startUdpTracker(
            (packet, ...rest) => {
              if (kindOf(packet) === 'connect') arrived('udp')
              return goodTracker(packet, ...rest)
            },
            { port },
          ),
          (udp) =>
            using(startUdpTracker(goodTracker), async (elsewhere) => {
              const urls = ['/one', '/two'].map((path) => `http://127.0.0.1:${port}${path}`)
              const trackers = [...urls, udp.url, elsewhere.url]
              const { check } = checkerOf(configOf([{ name: 'public', trackers }]))
              const { signal } = new AbortController()
              const ended: string[] = []
              await Promise.all(
                trackers.map(async (url) => {
                  const result = await check(
                    { tracker: trackerAt(url), group: 'public', aliveWhen: 'announce' },
                    signal,
                  )
                  ended.push(`${trackers.indexOf(url)} ${result?.outcome.kind}`)
                }),
              )
              expect(ended.slice(0, 2).toSorted()).toEqual(['0 ok', '3 ok'])
              expect(ended.slice(2)).toEqual(['1 ok', '2 ok'])
              expect(arrivals.map(({ what }) => what)).toEqual(['/one', '/two', 'udp'])
              const gapsMs = arrivals.slice(1).map(({ atMs }, index) => atMs - (arrivals[index]?.atMs ?? atMs))
              // A second between the starts; a packet may be seen late on a busy machine.
              expect(Math.min(...gapsMs)).toBeGreaterThan(700)
            }),
        ),
    )
  })
})
