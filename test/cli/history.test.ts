import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { trackerId } from '../../src/tracker/state.js'
import { checksOf, DAY, HOUR, records, start, watched } from '../store/support.js'
import { run } from './support.js'
import { url, watchedStore } from './watched-store.js'

describe('history', () => {
  it('tells status, uptime, latency, changes with reasons, failures and the last checks', async () => {
    const { store } = await watchedStore({ t: '++++----r+' })
    const { code, stdout, stderr } = await run(['history', url('t'), '--store', store])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const [first, second, third] = stdout.split('\n')
    expect(first).toBe(url('t'))
    expect(second).toMatch(/^up for \d+ s$/)
    expect(third).toMatch(/^group public · watched since .* UTC · id [0-9a-f]{12}$/)
    for (const window of ['24h', '7d', '30d', '90d', '1y']) {
      const [uptime, success, loss] = ['[\\d.]+ %', '50.0 %', '0 %']
      const row = `^${window} +${uptime} +\\d+ min +10 +${success} +${loss} +41 ms +41 ms +41 ms$`
      expect(stdout).toMatch(new RegExp(row, 'm'))
    }
    expect(stdout).toMatch(/^History begins \d+ (?:s|min) ago: 24h, 7d, 30d, 90d, 1y have no more than that\.$/m)
    expect(stdout).toMatch(/down → up/)
    expect(stdout).toMatch(/up → down +No answer to UDP packets \(no answer to\n +3 connect requests\)/)
    expect(stdout).toMatch(
      /Failed or refused checks in 7d:\n {2}4 checks {2}timeout {3}No answer in time\n {2}1 check {3}rejected {2}Refuses the announce\n/,
    )
    const last = stdout.slice(stdout.indexOf('Last checks:')).trimEnd().split('\n').slice(1)
    expect(last.filter((line) => line.includes(' UTC '))).toHaveLength(10)
    expect(last[0]).toMatch(/ UTC {2}IPv4 {2}ok {8}41 ms$/)
    expect(Math.max(...stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80)
    expect(last.slice(1, 4).join(' ').replaceAll(/ +/g, ' ')).toMatch(
      /rejected 41 ms Refuses: serves registered torrents only \(unregistered torrent\)/,
    )
    expect(stdout).toMatch(/failed +the same$/m)
  })

  it('counts the hours of which the checks are gone', async () => {
    const { store } = await watchedStore({ t: '+'.repeat(300) })
    const opened = await openStore(store)
    await opened.prune({ checks: new Date(Date.now() - 2 * HOUR), hours: new Date(0) })
    const { checks } = await opened.info()
    expect(checks).toBeLessThan(200)
    await opened.close()
    const { stdout } = await run(['history', url('t'), '--since', '1d', '--json', '--store', store])
    const { window } = JSON.parse(stdout)
    expect([window.checks.ok, window.latency.samples]).toEqual([300, 300])
  })

  it('looks back as far as asked, and gives that window a row of its own', async () => {
    const { store } = await watchedStore({ t: `----${'+'.repeat(20)}` })
    const { stdout } = await run(['history', url('t'), '--since', '10m', '--store', store])
    expect(stdout).toMatch(/^10m +100 %/m)
    expect(stdout).toMatch(/^24h +(?!100)/m)
    expect(stdout).toContain('Changes in 10m: none')
    expect(stdout).toContain('Failed or refused checks in 10m: none')
  })

  it('prints one JSON object', async () => {
    const { store } = await watchedStore({ t: '+++s+----' })
    const { code, stdout } = await run(['history', url('t'), '--since', '1h', '--json', '--store', store])
    expect(code).toBe(0)
    const found = JSON.parse(stdout)
    expect(found).toMatchObject({ url: url('t'), id: trackerId(url('t')), group: 'public', status: 'down' })
    expect(Object.keys(found.uptime)).toEqual(['24h', '7d', '30d', '90d', '1y'])
    expect(found.window.uptime.ratio).toBeGreaterThan(0.3)
    expect(found.window.uptime.ratio).toBeLessThan(0.7)
    expect(found.window.latency).toEqual({ samples: 4, p50Ms: 41.25, p95Ms: 41.25, p99Ms: 41.25 })
    expect(found.changes).toHaveLength(2)
    expect(found.changes[1]).toMatchObject({ from: 'up', to: 'down', reason: 'timeout', code: 'udp.timeout' })
    expect(found.failures).toEqual({ timeout: 4 })
    expect(found.skips).toEqual({ uplink_down: 1 })
    expect(found.window.checks).toEqual({ ok: 4, rejected: 0, failed: 4, skipped: 1, successRatio: 0.5 })
    expect(found.window.packets).toEqual({ sent: 16, lost: 0, lossRatio: 0 })
    expect(found.stretches).toHaveLength(48)
    expect(found.lastFailures).toHaveLength(4)
    expect(found.archivedAt).toBeNull()
    expect(found.checks).toHaveLength(9)
    expect(Date.parse(found.checks[0].checkedAt)).toBeGreaterThan(Date.parse(found.checks[8].checkedAt))
  })

  it('takes a refusal for a failure where it does not count as alive, and only there', async () => {
    const { store } = await watchedStore({ t: `-${'r'.repeat(12)}` })
    const shown = async () => {
      const asked = ['history', url('t'), '--since', '1h', '--store', store]
      const [text, json] = [await run(asked), await run([...asked, '--json'])]
      return { text: text.stdout, outcomes: JSON.parse(json.stdout).lastFailures.map(outcomeOf) }
    }
    const byAnnounce = await shown()
    expect(byAnnounce.outcomes).toEqual(Array.from({ length: 10 }, () => 'rejected'))
    expect(byAnnounce.text).toMatch(
      /Failed or refused checks in 1h:\n.*timeout .*\n {2}12 checks {2}rejected {2}Refuses/,
    )
    const opened = await openStore(store)
    await opened.watch([watched('t', { aliveWhen: 'response' })], new Date())
    await opened.close()
    const byResponse = await shown()
    expect(byResponse.outcomes).toEqual(['failed'])
    expect(byResponse.text).toMatch(/^Failed checks in 1h:\n {2}1 check {2}timeout {2}No answer in time\n\n/m)
    expect(byResponse.text).toMatch(/^Last failures before these:\n.* failed /m)
  })

  it('finds the last failures of a year, if checks are kept that long', async () => {
    const { store } = await watchedStore({ t: '' })
    const opened = await openStore(store)
    await opened.record(records(checksOf('t', '+-+', Date.now() - start - 120 * DAY)))
    await opened.close()
    const { stdout } = await run(['history', url('t'), '--since', '365d', '--json', '--store', store])
    expect(JSON.parse(stdout).lastFailures.map(outcomeOf)).toEqual(['failed'])
  })

  it.each([
    ['another spelling', 'UDP://T.EXAMPLE.:6969/announce#x'],
    ['the public id', trackerId(url('t'))],
  ])('finds a tracker by %s', async (_, spelling) => {
    const { store } = await watchedStore({ t: '+' })
    const { code, stdout } = await run(['history', spelling, '--store', store])
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]).toBe(url('t'))
  })

  it('draws the course of the window: how available, how quick', async () => {
    const { store } = await watchedStore({ t: `${'+'.repeat(24)}${'-'.repeat(23)}+` })
    const bars = async (env: NodeJS.ProcessEnv) => {
      const { stdout } = await run(['history', url('t'), '--since', '48m', '--store', store], { env })
      return stdout.split('\n').slice(4, 6).join('\n')
    }
    expect(await bars({})).toMatch(/^Up {7}█{22,24}[▂▄▆]?✗{21,24}.{1,3} {2}\d+\.\d %\nLatency {2}▁{22,24} {21,24}▁/)
    expect(await bars({ LANG: 'C' })).toMatch(
      /^Up {7}#{22,24}[-=+]?x{21,24}.{1,3} {2}\d+\.\d %\nLatency {2}1{22,24} {21,24}1/,
    )
  })

  it('says that a tracker is no longer watched, and what was last known', async () => {
    const { store } = await watchedStore({ t: '++', other: '+' })
    const opened = await openStore(store)
    await opened.watch([watched('other')], new Date('2026-01-02T03:04:05Z'))
    await opened.close()
    const { code, stdout } = await run(['history', url('t'), '--store', store])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^no longer watched since 2026-01-02 03:04:05 UTC · up at the last check, .* UTC$/m)
  })

  it('says that there was no check yet', async () => {
    const { store } = await watchedStore({ t: '', other: '+' })
    const { code, stdout } = await run(['history', url('t'), '--store', store])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^pending\ngroup public .*\n\nNo check yet\.\n$/m)
  })

  it('ends with 1 for a tracker that was never watched, and names those of the same host', async () => {
    const { store } = await watchedStore({ t: '+', other: '+' })
    const { code, stdout, stderr } = await run(['history', 'http://t.example/announce', '--store', store])
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toBe(`http://t.example/announce was never watched; of the same host: ${url('t')}\n`)
  })
})

function outcomeOf({ outcome }: { readonly outcome: string }): string {
  return outcome
}
