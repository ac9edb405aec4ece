import { getEventListeners } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkTrackers } from '../../src/probe/check-trackers.js'
import type { TraceEvent } from '../../src/probe/trace.js'
import { reasonOf } from '../../src/tracker/outcome.js'
import { checkInChild } from '../probe/child.js'
import { checkLocal, using } from '../support/check-local.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { startZoo, type Zoo } from '../support/misbehaving.js'
import { createAuthority } from '../support/tls.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { startWsTracker, wsAnswer } from '../support/ws-tracker.js'
import { runInChild } from './engine-child.js'

/** Time for each tracker, and for its name, ms. */
const TIMEOUT_MS = 400
/** The same where those that behave should have enough of it, beside all others on one event loop. */
const PATIENT_MS = 1500
const options = { timeoutMs: TIMEOUT_MS, allowPrivate: true }

async function withZoo<T>(work: (zoo: Zoo) => Promise<T>): Promise<T> {
  return using(startZoo(), work)
}

describe('the engine', () => {
  it('E001 starts 10,000 checks at its pace, no more at once than it may, and never holds the event loop for long', {
    timeout: 60_000,
  }, async () => {
    const trackers = await Promise.all(Array.from({ length: 8 }, () => startUdpTracker(goodTracker)))
    onTestFinished(async () => void (await Promise.all(trackers.map(({ stop }) => stop()))))
    const urls = trackers.flatMap(({ url }) => Array.from({ length: 1250 }, (_, index) => `${url}/${index}`))
    const report = await runInChild({ kind: 'fleet', urls, concurrency: 100, startsPerSecond: 2500 })
    expect(report.outcomes).toEqual({ ok: 10_000 })
    expect(report.mostAtOnce).toBe(100)
    // A twentieth of a second of turns may come at once.
    expect(report.tookMs).toBeGreaterThanOrEqual(((10_000 - 125) / 2500) * 1000)
    // Of our own work between two ticks of the loop, not of what else this machine does.
    expect(report.p99WorkMs).toBeLessThan(50)
  })

  it(
    'E004 settles every check once, 100 ms behind its deadline at the latest, whatever the tracker does',
    { timeout: 60_000 },
    () =>
      withZoo(async ({ trackers, dnsServers }) => {
        const settled = new Map<string, number>()
        const late: string[] = []
        const alarms = new Map<string, NodeJS.Timeout>()
        // On the same event loop as the deadline itself, so that a busy machine delays both.
        const setAlarm = (url: string): void => {
          clearTimeout(alarms.get(url))
          alarms.set(
            url,
            setTimeout(() => lookLater(url), PATIENT_MS + 100),
          )
        }
        // What an ended socket has to tell takes a turn or two of the loop.
        const lookLater = async (url: string): Promise<void> => {
          for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
          if (!settled.has(url)) late.push(url)
        }
        const onTrace = ({ kind, url }: TraceEvent): void => {
          if (kind === 'name_asked' || kind === 'probe_began') setAlarm(url)
        }
        const onResult = ({ url }: { readonly url: string }): void => {
          clearTimeout(alarms.get(url))
          settled.set(url, (settled.get(url) ?? 0) + 1)
        }
        const urls = Object.values(trackers)
        const rates = { udp: 10_000, tcp: 10_000, tls: 10_000 }
        const results = await checkTrackers(urls, {
          allowPrivate: true,
          timeoutMs: PATIENT_MS,
          dnsServers,
          onTrace,
          onResult,
          startsPerSecond: rates,
          family: 4,
        })
        expect(late).toEqual([])
        expect([...settled.values()]).toEqual(urls.map(() => 1))
        /** The verdicts on those whose description ends like this. A machine that stood still itself may say so. */
        const verdictsOn = (ending: string): readonly string[] => {
          const those = Object.entries(trackers).filter(([what]) => what.endsWith(ending))
          const reasons = those.map(([, url]) => results.get(url)).map((result) => result && reasonOf(result.outcome))
          return [...new Set(reasons.map((reason) => reason ?? 'ok'))].filter((reason) => reason !== 'local_error')
        }
        expect(['ok', 'timeout']).toEqual(expect.arrayContaining([...verdictsOn('behaves')]))
        expect(['timeout']).toEqual(expect.arrayContaining([...verdictsOn('is silent')]))
        expect(['refused', 'timeout']).toEqual(expect.arrayContaining([...verdictsOn('is closed')]))
      }),
  )

  it('E005 leaves no socket, timer or listener behind, and the process ends by itself', { timeout: 60_000 }, () =>
    withZoo(async ({ trackers, dnsServers }) => {
      const urls = Object.values(trackers)
      const report = await checkInChild({ urls, options: { ...options, dnsServers } })
      expect(report.outcomes).toHaveLength(urls.length)
      expect(report.left).toEqual([])
      const { signal } = new AbortController()
      await checkTrackers(urls.slice(0, 5), { ...options, dnsServers, signal })
      expect(getEventListeners(signal, 'abort')).toEqual([])
    }),
  )

  it('E006 keeps no memory of thousands of checks', { timeout: 60_000 }, () =>
    withZoo(async ({ trackers, dnsServers }) => {
      // Farewells that nobody answers would take 2 s each.
      const quick = Object.entries(trackers).filter(([what]) => !/keeps the connection|goes on behind/.test(what))
      const urls = quick.map(([, url]) => url)
      const { heapBytes } = await runInChild({ kind: 'soak', urls, dnsServers, rounds: 12, perRound: 150 })
      // What is left of a check must be less than a kB: caches fill and code is compiled, and not for ever.
      const early = Math.min(...heapBytes.slice(3, 6))
      const late = Math.min(...heapBytes.slice(-3))
      expect(late - early).toBeLessThan(6 * 150 * 1024)
    }),
  )

  it('E007 has no error that nobody catches and no warning, whatever the tracker does', { timeout: 60_000 }, () =>
    withZoo(async ({ trackers, dnsServers }) => {
      const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-warnings-'))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      const warnings = join(folder, 'warnings')
      const flags = ['--unhandled-rejections=strict', `--redirect-warnings=${warnings}`]
      const urls = Object.values(trackers)
      // Rejects where the process does not end well.
      const report = await checkInChild({ urls, options: { ...options, dnsServers } }, { flags })
      expect(report.outcomes).toHaveLength(urls.length)
      expect(existsSync(warnings)).toBe(false)
    }),
  )

  it('E010 times phases that add up to the latency; one that did not happen is absent', async () => {
    const authority = createAuthority()
    const tls = authority.selfSigned('IP:127.0.0.1')
    authority.remove()
    const servers = await Promise.all([
      startUdpTracker(goodTracker),
      startHttpTracker((_, response) => response.end(goodAnswer())),
      startHttpTracker((_, response) => response.end(goodAnswer()), { tls }),
      startWsTracker((socket, text) => socket.send(wsAnswer(text))),
    ])
    onTestFinished(async () => void (await Promise.all(servers.map(({ stop }) => stop()))))
    const timed: Record<string, readonly string[]> = {}
    for (const { url } of servers) {
      const { probes } = await checkLocal(url, { tls: 'report' })
      const [{ phases, latencyMs } = { phases: {}, latencyMs: null }] = probes
      const durations = Object.values(phases)
      timed[url.replace(/:\/\/.*/, '')] = Object.keys(phases)
      expect(durations.every((ms) => ms > 0)).toBe(true)
      const sumMs = durations.reduce((sum, ms) => sum + ms, 0)
      expect(Math.abs(sumMs - (latencyMs ?? Number.NaN))).toBeLessThanOrEqual(2)
    }
    const exchange = ['send', 'processing', 'transfer']
    expect(timed).toEqual({
      udp: ['udp_connect', 'udp_announce'],
      http: ['connect', ...exchange],
      https: ['connect', 'tls', ...exchange],
      ws: ['connect', 'ws_upgrade', 'ws_reply'],
    })
  })
})
