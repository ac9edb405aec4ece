import { describe, expect, it } from 'vitest'
import type { ProbeRequest, ProbeRules, Probes } from '../../src/http/probes.js'
import { entryOf as entry } from '../export/entries.js'
import { checkedAt, ok } from '../metrics/entries.js'
import { appOver } from './support.js'

const watched = entry('udp://watched.example.org:6969/announce')
const archived = { ...entry('udp://gone.example.org:6969/announce'), archivedAt: new Date() }
const anyTarget: ProbeRules = { modules: ['default', 'own'], targets: () => true }

/** The app with a daemon that answers every probe well, and what it was asked. */
function appWith(rules: ProbeRules | null, probe?: Probes['probe']) {
  const asked: ProbeRequest[] = []
  const answer: Probes['probe'] = async (request) => {
    asked.push(request)
    const result = { url: request.tracker.url, checkedAt, outcome: ok, alive: true, latencyMs: 1, probes: [] }
    const text = request.debug ? 'what went on\n' : null
    return { result, success: true, durationMs: 5, aliveWhen: 'announce', text }
  }
  const probes: Probes = { rules: () => rules, probe: probe ?? answer }
  const app = appOver({ entries: [watched, archived] }, { probes })
  const get = async (query: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await app.request(`/probe${query}`, { headers })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  return { get, asked }
}

describe('/probe', () => {
  it('is off unless the configuration says so, and says which key does', async () => {
    const { get, asked } = appWith(null)
    const { status, text } = await get(`?target=${watched.tracker.url}`)
    expect(status).toBe(404)
    expect(text).toContain('"probe_endpoint.enabled: true"')
    expect(asked).toEqual([])
  })

  it('answers with the metrics of one check, that nobody keeps', async () => {
    const { get, asked } = appWith(anyTarget)
    const { status, text, headers } = await get('?target=UDP://Other.Example.org:80&module=own')
    expect(status).toBe(200)
    expect(headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect(text).toContain('\nprobe_success 1\n')
    expect(text).toContain('\nprobe_duration_seconds 0.005\n')
    expect(asked).toMatchObject([
      { tracker: { url: 'udp://other.example.org:80' }, module: 'own', withinMs: null, debug: false },
    ])
  })

  it('shows what went on before the metrics where that is asked for', async () => {
    const { text, headers } = await appWith(anyTarget).get('?target=udp://a.example.org:80&debug=true')
    expect(headers.get('Content-Type')).toBe('text/plain; charset=utf-8')
    expect(text).toMatch(/^what went on\n\nMetrics:\n# HELP probe_success /)
  })

  it.each([
    ['', 'no parameter "target", expected the announce URL of a tracker'],
    ['?target=', 'parameter "target" is no announce URL: empty, expected an announce URL'],
    ['?target=udp://a', 'parameter "target" is no announce URL: udp URL without a port, expected udp://host:port'],
    ['?target=udp://a:1&target=udp://b:1', 'parameter "target" is given twice, expected once'],
    ['?target=udp://a:1&module=none', 'parameter "module" is "none", expected one of default, own'],
    ['?target=udp://a:1&module=', 'parameter "module" is "", expected one of default, own'],
    ['?target=udp://a:1&debug=1', 'parameter "debug" is "1", expected true or false'],
    ['?target=udp://a:1&modul=own', 'unknown parameter "modul", expected target, module, debug'],
  ])('refuses "%s" with a sentence', async (query, sentence) => {
    const { get, asked } = appWith(anyTarget)
    expect(await get(query)).toMatchObject({ status: 400, text: `${sentence}\n` })
    expect(asked).toEqual([])
  })

  it.each([
    ['15', 14_500],
    ['1.5', 1_000],
    ['0.4', 10],
    ['3600', 3_599_500],
    ['3601', 3_599_500],
    ['99999999999.5', 3_599_500],
    ['9'.repeat(400), 3_599_500],
  ])('leaves Prometheus half a second of the %s s that it waits', async (seconds, withinMs) => {
    const { get, asked } = appWith(anyTarget)
    await get('?target=udp://a.example.org:1', { 'X-Prometheus-Scrape-Timeout-Seconds': seconds })
    expect(asked.map((request) => request.withinMs)).toEqual([withinMs])
  })

  it.each(['0', '0.0', '-1', 'NaN', '1e3', '', 'x'])('refuses a scrape timeout of "%s"', async (seconds) => {
    const { status, text } = await appWith(anyTarget).get('?target=udp://a.example.org:1', {
      'X-Prometheus-Scrape-Timeout-Seconds': seconds,
    })
    expect(status).toBe(400)
    expect(text).toBe(`X-Prometheus-Scrape-Timeout-Seconds is "${seconds}", expected seconds above 0\n`)
  })

  it('probes only what is watched where only that is allowed, its id is no URL', async () => {
    const { get, asked } = appWith({ modules: ['default'], targets: 'watched' })
    expect((await get('?target=udp://WATCHED.example.org:6969/announce')).status).toBe(200)
    expect(await get('?target=udp://gone.example.org:6969/announce')).toMatchObject({ status: 403 })
    expect(await get('?target=udp://other.example.org:6969/announce')).toMatchObject({
      status: 403,
      text: '"udp://other.example.org:6969/announce" is not watched here, "probe_endpoint.targets" in the configuration can allow others\n',
    })
    expect((await get(`?target=${watched.id}`)).status).toBe(400)
    expect(asked).toHaveLength(1)
  })

  it('probes no target that the patterns leave out, and repeats none of its secrets', async () => {
    const { get, asked } = appWith({ modules: ['default'], targets: ({ host }) => host === 'a.example.org' })
    expect((await get('?target=udp://a.example.org:1')).status).toBe(200)
    const { status, text } = await get('?target=https://b.example.org/0123456789abcdef0123456789abcdef/announce')
    expect(status).toBe(403)
    expect(text).toBe(
      '"https://b.example.org:443/***/announce" is none of the targets that "probe_endpoint.targets" allows\n',
    )
    expect(asked).toHaveLength(1)
  })

  it.each(['busy', 'aborted'] as const)('says to come again where the check is not made: %s', async (why) => {
    const { get } = appWith(anyTarget, async () => why)
    const { status, headers } = await get('?target=udp://a.example.org:1')
    expect(status).toBe(503)
    expect(headers.get('Retry-After')).toBe('1')
  })

  it('is not to be asked by a page of another site', async () => {
    const { get, asked } = appWith(anyTarget)
    expect((await get('?target=udp://a.example.org:1', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect(asked).toEqual([])
  })

  it('is limited per client, by far more than the rest of what costs', async () => {
    const { get } = appWith(anyTarget)
    const answers = await Promise.all(Array.from({ length: 600 }, () => get('?target=udp://a.example.org:1')))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.slice(0, 200)).toEqual(Array(200).fill(200))
    expect(statuses).toContain(429)
  })
})
