import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'
import type { CheckResult } from '../../src/tracker/outcome.js'
import { trackerId } from '../../src/tracker/state.js'
import {
  at,
  check,
  checksOf,
  DAY,
  HOUR,
  inDirectory,
  MINUTE,
  ok,
  policy,
  probe,
  records,
  rejected,
  url,
  watched,
} from '../store/support.js'
import { markupOf, textOf } from './page-text.js'
import { appOver } from './support.js'

const strict = { ...policy, downAfter: 1, holdMs: 400 * DAY }

/** The app over a store with these checks, as of a moment. */
async function withApp(
  checks: Readonly<Record<string, readonly CheckResult[]>>,
  nowMs: number,
  body: (app: ReturnType<typeof appOver>, store: Store) => Promise<void>,
): Promise<void> {
  await inDirectory(async (directory, use) => {
    const store = await use(openStore(`sqlite:${directory}/history.db`))
    await store.watch(
      Object.keys(checks).map((name) => watched(name)),
      at(0),
    )
    await store.record(Object.values(checks).flatMap((of) => records(of, strict)))
    await body(appOver({ entries: [] }, { store, now: () => at(nowMs) }), store)
  })
}

const hostsIn = (markup: string): string =>
  [...markup.matchAll(/<a href="\/tracker\/[0-9a-f]{12}">udp:\/\/(\w+)/g)].map(([, host]) => host).join(' ')

/** Probed at an address of its own, so that nothing links it with others. */
function alone(name: string, letters: string, fromMs: number, address: string, stepMs = MINUTE): CheckResult[] {
  return checksOf(name, letters, fromMs, stepMs).map((one) => ({
    ...one,
    probes: [probe(one.outcome, { address, latencyMs: one.latencyMs })],
  }))
}

describe('GET /incidents', () => {
  it('shows each by day, newest first, with tracker, cause, length, and whether it goes on', () =>
    withApp(
      {
        a: alone('a', '+-+', DAY + 10 * HOUR, '192.0.2.1', 30 * MINUTE),
        b: alone('b', '+-', 2 * DAY + 5 * MINUTE, '192.0.2.2'),
        c: [
          check('c', DAY, ok),
          { ...check('c', 3 * DAY - HOUR, rejected), probes: [] },
          check('c', 3 * DAY + HOUR, ok),
        ],
      },
      3 * DAY + 2 * HOUR,
      async (app) => {
        const markup = await markupOf(app, '/incidents')
        const text = textOf(markup)
        expect(hostsIn(markup)).toBe('c b a')
        expect([...markup.matchAll(/<time datetime="(\d{4}-\d\d-\d\d)">([^<]*)/g)].map(([, , day]) => day)).toEqual([
          'Tuesday, 3 March 2026',
          'Monday, 2 March 2026',
        ])
        expect(text).toContain('1 going on · 3 trackers watched · the last 90 days, newest first')
        expect(text).toMatch(
          /23:00 udp:\/\/c\.example:6969\/announce ▲ ?Rejecting Refuses: serves registered torrents only unregistered torrent 2026-03-04 01:00 2 h/,
        )
        expect(text).toMatch(
          /00:06 udp:\/\/b\.example:6969\/announce ■ ?Down No answer to UDP packets no answer to 3 connect requests going on 25 h/,
        )
        expect(text).toMatch(/10:30 udp:\/\/a\.example:6969\/announce .*? 11:00 30 min/)
        expect(markup).toContain('<title>1 incident going on – trackerwatch</title>')
      },
    ))

  it('says how many of those that are linked began in the same minute', () =>
    withApp(
      {
        a: alone('a', '+-+', 0, '192.0.2.1', 10 * MINUTE),
        b: alone('b', '+-+', 0, '192.0.2.2', 10 * MINUTE),
        c: alone('c', '+-+', 2 * MINUTE, '192.0.2.1', 10 * MINUTE),
      },
      DAY,
      async (app) => {
        expect(textOf(await markupOf(app, '/incidents'))).toContain(
          '3 together: 2 of them began in the same minute (00:10); their trackers share 1 address (192.0.2.1)',
        )
      },
    ))

  it('puts those together that are linked, and says what they share', () =>
    withApp(
      {
        a: alone('a', '+-+', 0, '192.0.2.1', 10 * MINUTE),
        b: alone('b', '+-+', 2 * MINUTE, '192.0.2.1', 10 * MINUTE),
        c: alone('c', '+-+', 5 * HOUR, '192.0.2.3'),
        d: alone('d', '+-+', 5 * HOUR, '192.0.2.4'),
        e: alone('e', '+-+', 9 * HOUR, '192.0.2.5'),
      },
      DAY,
      async (app) => {
        const markup = await markupOf(app, '/incidents')
        const text = textOf(markup)
        expect(text).toContain('2 together: began in the same minute (05:01)')
        expect(text).toContain('2 together: their trackers share 1 address (192.0.2.1)')
        expect(hostsIn(markup)).toBe('e d c b a')
        expect(markup.match(/<tbody/g)).toHaveLength(3)
        expect(markup.match(/<tbody class="linked"/g)).toHaveLength(2)
        const one = await markupOf(app, `/incidents?tracker=${trackerId(url('a'))}`)
        expect(textOf(one)).toContain('Others failed with it')
        expect(hostsIn(one)).toBe('a a')
      },
    ))

  it('narrows to a day, to a tracker, and to those that go on', () =>
    withApp(
      { a: alone('a', '+-+--', 0, '192.0.2.1', DAY), b: alone('b', '+++-', HOUR, '192.0.2.2', DAY) },
      5 * DAY,
      async (app) => {
        const hosts = async (query: string) => hostsIn(await markupOf(app, `/incidents?${query}`))
        expect(await hosts('')).toBe('b a a')
        expect(await hosts('status=going_on&day=')).toBe('b a')
        expect(await hosts('day=2026-03-02')).toBe('a')
        expect(await hosts('day=2026-03-03')).toBe('')
        expect(await hosts('day=2026-03-04')).toBe('b a')
        expect(await hosts('day=2026-03-05')).toBe('b a')
        expect(await hosts(`tracker=${trackerId(url('b'))}`)).toBe('b b')
        expect(textOf(await markupOf(app, '/incidents?day=2026-03-01'))).toContain('No incident fits this choice.')
      },
    ))

  it('goes on to older ones, each once, those of one moment on one page', () => {
    const names = Array.from({ length: 130 }, (_, index) => `t${index}`)
    const at130 = (index: number) => Math.floor(index / 10) * HOUR
    const checks = names.map((name, index) => [name, alone(name, '+-', at130(index), `192.0.2.${index}`)] as const)
    return withApp(Object.fromEntries(checks), DAY, async (app) => {
      const seen: string[] = []
      let next: string | undefined = '/incidents'
      const sizes: number[] = []
      while (next !== undefined) {
        const markup: string = await markupOf(app, next)
        const hosts = hostsIn(markup).split(' ')
        sizes.push(hosts.length)
        seen.push(...hosts)
        next = /<a rel="next" href="([^"]*)"/.exec(markup)?.[1]?.replaceAll('&amp;', '&')
      }
      expect(sizes).toEqual([100, 30])
      expect(seen.toSorted()).toEqual(names.toSorted())
    })
  })

  it('stops at 90 days, but for those that reach into them', () =>
    withApp({ a: alone('a', '+-+', 0, '192.0.2.1'), b: alone('b', '+-', HOUR, '192.0.2.2') }, 100 * DAY, async (app) =>
      expect(hostsIn(await markupOf(app, '/incidents'))).toBe('b'),
    ))

  it('shows the text of a hostile tracker as text, and no passkey', () => {
    const secret = 'http://private.example:80/0123456789abcdef0123456789abcdef/announce'
    const message = '<script>alert(1)</script> 0123456789abcdef0123456789abcdef'
    return inDirectory(async (directory, use) => {
      const store = await use(openStore(`sqlite:${directory}/history.db`))
      const tracker = { ...watched('a').tracker, url: secret, path: '/0123456789abcdef0123456789abcdef/announce' }
      await store.watch([{ ...watched('a'), tracker }], at(0))
      const checks = [check('a', 0, ok), check('a', MINUTE, { ...rejected, message })]
      await store.record(
        records(
          checks.map((one) => ({ ...one, url: secret })),
          strict,
        ),
      )
      const markup = await markupOf(appOver({ entries: [] }, { store, now: () => at(HOUR) }), '/incidents')
      expect(markup).toContain('http://private.example:80/***/announce')
      expect(markup).toContain('&lt;script&gt;alert(1)&lt;/script&gt; ***')
      expect(markup).not.toContain('0123456789abcdef0123456789abcdef')
    })
  })

  it('stands where nothing was ever down, and where nothing is watched', async () => {
    await withApp({ a: checksOf('a', '+++') }, HOUR, async (app) => {
      const text = textOf(await markupOf(app, '/incidents'))
      expect(text).toMatch(/● ?Nothing is going on · 1 tracker watched/)
      expect(text).toContain('No tracker was seen down in the last 90 days.')
    })
    expect(textOf(await markupOf(appOver({ entries: [] }), '/incidents'))).toContain('No tracker is watched yet.')
  })

  it.each([
    ['day=2026-02-30', 'parameter "day" is "2026-02-30", expected a day such as 2026-11-22'],
    ['day=x', 'parameter "day" is "x", expected a day such as 2026-11-22'],
    ['tracker=<b>', 'parameter "tracker" is "<b>", expected the 12 hex digits of a tracker'],
    ['status=down', 'parameter "status" is "down", expected going_on'],
    ['before=yesterday', 'parameter "before" is "yesterday", expected the place of a link to older incidents'],
    ['toString=1', 'unknown parameter "toString", expected day, tracker, status, before'],
  ])('refuses ?%s with one sentence', async (query, sentence) => {
    const response = await appOver({ entries: [] }).request(`/incidents?${query}`)
    const markup = await response.text()
    expect(response.status).toBe(400)
    expect(textOf(markup).replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>')).toContain(sentence)
    expect(markup).not.toContain('<b>"')
  })

  it('does not know a tracker that never was', async () => {
    const response = await appOver({ entries: [] }).request('/incidents?tracker=0123456789ab')
    expect([response.status, textOf(await response.text())]).toEqual([
      404,
      expect.stringContaining('No such tracker is watched, or was.'),
    ])
  })

  it('may be asked for again', async () => {
    const response = await appOver({ entries: [] }).request('/incidents')
    expect(response.headers.get('Cache-Control')).toBe('no-cache')
    expect(response.headers.get('ETag')).not.toBeNull()
  })
})
