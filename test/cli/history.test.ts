import { describe, expect, it } from 'vitest'
import { trackerId } from '../../src/tracker/state.js'
import { run } from './support.js'
import { url, watchedStore } from './watched-store.js'

describe('history', () => {
  it('tells status, uptime, latency, changes with reasons, failures and the last checks', async () => {
    const { store } = await watchedStore({ t: '++++----r+' })
    const { code, stdout, stderr } = await run(['history', url('t'), '--store', store])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const [first, second] = stdout.split('\n')
    expect(first).toBe(url('t'))
    expect(second).toMatch(/^up for \d+ s · group public · watched since .* UTC · id [0-9a-f]{12}$/)
    for (const window of ['24h', '7d', '30d', '90d']) {
      expect(stdout).toMatch(new RegExp(`^${window} +[\\d.]+ % +\\d+ min +41 ms +41 ms +41 ms +6$`, 'm'))
    }
    expect(stdout).toMatch(/down → up/)
    expect(stdout).toMatch(/up → down +No answer to UDP packets \(no answer to 3 connect requests\)/)
    expect(stdout).toMatch(/Failed checks in 7d:\n {2}4 checks {2}timeout {2}No answer in time\n/)
    const last = stdout.slice(stdout.indexOf('Last checks:')).trimEnd().split('\n').slice(1)
    expect(last).toHaveLength(10)
    expect(last[0]).toMatch(/ UTC {2}IPv4 {2}ok {8}41 ms$/)
    expect(last[1]).toMatch(/rejected {2}41 ms {2}Refuses: serves registered torrents only \(unregistered torrent\)$/)
  })

  it('looks back as far as asked, and gives that window a row of its own', async () => {
    const { store } = await watchedStore({ t: `----${'+'.repeat(20)}` })
    const { stdout } = await run(['history', url('t'), '--since', '10m', '--store', store])
    expect(stdout).toMatch(/^10m +100 %/m)
    expect(stdout).toMatch(/^24h +(?!100)/m)
    expect(stdout).toContain('Changes in 10m: none')
    expect(stdout).toContain('Failed checks in 10m: none')
  })

  it('prints one JSON object', async () => {
    const { store } = await watchedStore({ t: '+++s+----' })
    const { code, stdout } = await run(['history', url('t'), '--since', '1h', '--json', '--store', store])
    expect(code).toBe(0)
    const found = JSON.parse(stdout)
    expect(found).toMatchObject({ url: url('t'), id: trackerId(url('t')), group: 'public', status: 'down' })
    expect(Object.keys(found.uptime)).toEqual(['24h', '7d', '30d', '90d'])
    expect(found.window.uptime.ratio).toBeGreaterThan(0.3)
    expect(found.window.uptime.ratio).toBeLessThan(0.7)
    expect(found.window.latency).toEqual({ samples: 4, p50Ms: 41.25, p95Ms: 41.25, p99Ms: 41.25 })
    expect(found.changes).toHaveLength(2)
    expect(found.changes[1]).toMatchObject({ from: 'up', to: 'down', reason: 'timeout', code: 'udp.timeout' })
    expect(found.failures).toEqual({ timeout: 4 })
    expect(found.checks).toHaveLength(9)
    expect(Date.parse(found.checks[0].checkedAt)).toBeGreaterThan(Date.parse(found.checks[8].checkedAt))
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

  it('ends with 1 for a tracker that was never watched, and names those of the same host', async () => {
    const { store } = await watchedStore({ t: '+', other: '+' })
    const { code, stdout, stderr } = await run(['history', 'http://t.example/announce', '--store', store])
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toBe(`http://t.example/announce was never watched; of the same host: ${url('t')}\n`)
  })
})
