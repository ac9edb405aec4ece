import { describe, expect, it, onTestFinished } from 'vitest'
import { type Config, toConfig } from '../../src/config/config.js'
import { settingsSchema } from '../../src/config/schema.js'
import { createChecker } from '../../src/daemon/plan.js'
import { createProbes } from '../../src/daemon/probes.js'
import type { ProbeRequest } from '../../src/http/probes.js'
import { createIdentity } from '../../src/probe/identity.js'
import { trackerOf } from '../export/entries.js'
import { summary } from '../support/check-local.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { announced, goodTracker, type Respond, scripted, startUdpTracker } from '../support/udp-tracker.js'

const SECRET = '0123456789abcdef0123456789abcdef'

function configOf(endpoint: Readonly<Record<string, unknown>>): Config {
  const modules = { local: { allow_private: true, family: 4 } }
  const settings = {
    groups: [{ name: 'public', allow_private: true }],
    probe: { attempts: 1, allow_private: true, headers: { 'X-Common': 'common-secret' } },
    probe_endpoint: { enabled: true, modules, ...endpoint },
  }
  return toConfig(settingsSchema.parse(settings), [])
}

function probesOf(endpoint: Readonly<Record<string, unknown>> = {}) {
  const config = configOf(endpoint)
  const checker = createChecker(config, createIdentity())
  onTestFinished(checker.close)
  const probes = createProbes({ config: () => config, checker })
  const probe = (url: string, more: Partial<ProbeRequest> = {}) => {
    const usual = { module: 'local', withinMs: null, debug: false, signal: new AbortController().signal }
    return probes.probe({ tracker: trackerOf(url), ...usual, ...more })
  }
  /** The check, for a test that wants one. */
  const made = async (url: string, more: Partial<ProbeRequest> = {}) => {
    const probed = await probe(url, more)
    if (typeof probed === 'string') throw new Error(probed)
    return probed
  }
  return { probes, probe, made }
}

async function udpTracker(respond: Respond) {
  const tracker = await startUdpTracker(respond)
  onTestFinished(tracker.stop)
  return tracker
}

describe('the checks of /probe', () => {
  it('follow their module', async () => {
    const refusing = await startHttpTracker((_request, response) =>
      response.end(goodAnswer({ 'failure reason': 'unregistered torrent' })),
    )
    onTestFinished(refusing.stop)
    const modules = {
      local: { allow_private: true },
      lenient: { allow_private: true, accept: ['ok', 'rejected'], user_agent: 'own', headers: { 'X-Own': 'mine' } },
    }
    const { made } = probesOf({ modules })
    const strict = await made(refusing.url)
    expect(strict).toMatchObject({ success: false, aliveWhen: 'announce', text: null })
    expect(strict.result.outcome.kind).toBe('rejected')
    expect(await made(refusing.url, { module: 'lenient' })).toMatchObject({ success: true, aliveWhen: 'response' })
    const [first, second] = refusing.requests
    expect(first?.headers['x-common']).toBeUndefined()
    expect(second?.headers).toMatchObject({ 'user-agent': 'own', 'x-own': 'mine' })
  })

  it('can want a tracker to be out of reach', async () => {
    const modules = { local: { allow_private: true, accept: ['failed'] } }
    const { made } = probesOf({ modules })
    expect((await made('http://127.0.0.1:1/announce')).success).toBe(true)
    expect((await made((await udpTracker(goodTracker)).url)).success).toBe(false)
  })

  it('contact no private address unless the module says so, whatever groups and probe say', async () => {
    const { url, received } = await udpTracker(goodTracker)
    const { made } = probesOf()
    const { result, success } = await made(url, { module: 'default' })
    expect(summary(result.outcome)).toBe('skipped policy.private_address')
    expect(success).toBe(false)
    expect(received).toEqual([])
    expect((await made(url)).success).toBe(true)
  })

  it('are over before whoever asked stops waiting, or by the timeout of the module', async () => {
    const silent = await udpTracker(() => [])
    const { made } = probesOf({ modules: { local: { allow_private: true, timeout: '5m' } } })
    const { result, durationMs } = await made(silent.url, { withinMs: 300 })
    expect(summary(result.outcome)).toBe('failed udp.timeout in udp_connect')
    expect(durationMs).toBeGreaterThan(250)
    const other = await udpTracker(() => [])
    const short = probesOf({ modules: { local: { allow_private: true, timeout: '300ms' } } })
    expect((await short.made(other.url, { withinMs: 300_000 })).success).toBe(false)
  })

  it('end with whoever asked, and then there is room again', async () => {
    const silent = await udpTracker(() => [])
    const { probe } = probesOf({ concurrency: 1 })
    const gone = new AbortController()
    const probing = probe(silent.url, { signal: gone.signal })
    expect(await probe(silent.url)).toBe('busy')
    gone.abort()
    expect(await probing).toBe('aborted')
    expect(await probe((await udpTracker(goodTracker)).url)).toMatchObject({ success: true })
    expect(await probe(silent.url, { signal: AbortSignal.abort() })).toBe('aborted')
  })

  it('end with the daemon', async () => {
    const silent = await udpTracker(() => [])
    const { probes, probe } = probesOf()
    const probing = probe(silent.url)
    probes.stop()
    expect(await probing).toBe('aborted')
    expect(await probe(silent.url)).toBe('aborted')
  })

  it('wait for each other at one address and port', async () => {
    let answering = 0
    let most = 0
    const tracker = await udpTracker((packet, from, send) => {
      answering += 1
      most = Math.max(most, answering)
      setImmediate(() => {
        for (const bytes of goodTracker(packet, from, send) ?? []) send(bytes)
        answering -= 1
      })
      return undefined
    })
    const { made } = probesOf()
    const both = await Promise.all([made(tracker.url), made(`${tracker.url}?second`)])
    expect(both.map(({ success }) => success)).toEqual([true, true])
    expect(most).toBe(1)
    // Not in the same second.
    expect(Math.max(...both.map(({ durationMs }) => durationMs))).toBeGreaterThan(900)
  })

  it('show what went back and forth, without a secret', async () => {
    const tracker = await startHttpTracker((request, response) =>
      response.end(goodAnswer({ 'warning message': `you asked ${request.url} ${request.headers.cookie}` })),
    )
    onTestFinished(tracker.stop)
    const modules = { local: { allow_private: true, headers: { Cookie: 'pass=secret-of-ours' } } }
    const { made } = probesOf({ modules })
    const url = tracker.url.replace('/announce', `/${SECRET}/announce`)
    const { text } = await made(url, { debug: true })
    expect(text).toMatch(/→ {2}GET \/\*\*\*\/announce/)
    expect(text).toContain('Verdict: alive')
    expect(text).toMatch(/^ {2}allow_private +true$/m)
    expect(text).toMatch(/^ {2}headers +Cookie$/m)
    expect(text).not.toContain(SECRET)
    expect(text).not.toContain('secret-of-ours')
  })

  it('know which targets are allowed', () => {
    const { targets } = probesOf({ targets: ['udp://*.example.org'] }).probes.rules() ?? {}
    if (typeof targets !== 'function') throw new Error('no function')
    expect(targets(trackerOf('udp://t.example.org:1'))).toBe(true)
    expect(targets(trackerOf('udp://t.example.net:1'))).toBe(false)
    expect(probesOf().probes.rules()).toEqual({ modules: ['default', 'local'], targets: 'watched' })
    expect(probesOf({ enabled: false }).probes.rules()).toBeNull()
  })

  it('report an announce interval as they got it', async () => {
    const tracker = await udpTracker(scripted({ announce: announced({ interval: 77 }) }))
    const { result } = await probesOf().made(tracker.url)
    expect(result.outcome).toMatchObject({ kind: 'ok', announce: { intervalS: 77 } })
  })
})
