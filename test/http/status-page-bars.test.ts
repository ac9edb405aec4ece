import { describe, expect, it } from 'vitest'
import { Bars } from '../../src/http/pages/bars.js'
import { Beats } from '../../src/http/pages/beats.js'
import { markup } from '../../src/http/pages/markup.js'
import { Sparkline } from '../../src/http/pages/sparkline.js'
import { utcMinute } from '../../src/http/pages/text.js'
import type { RecentCheck } from '../../src/store/store.js'
import { ago, entryOf } from '../export/entries.js'
import { answeredAt, failedAt } from './checks.js'
import { markupOf } from './page-text.js'
import { appOver } from './support.js'

const MINUTE_MS = 60_000

function minutesAgo(minutes: number): Date {
  return ago(minutes * MINUTE_MS)
}

/** `kind x-length @height of the line's middle: title` of each run. */
function runsOf(checks: readonly RecentCheck[], count: number): string[] {
  const drawing = Beats({ checks, count }).toString()
  return [
    ...drawing.matchAll(/<path class="(\w+)" stroke-width="(\d+)" d="M(\d+) ([\d.]+)h(\d+)"><title>([^<]*)</g),
  ].map(
    ([, kind, height, x, y, length, title]) => `${kind} ${x}+${length} ${height}/${y}: ${title?.replace('\n', ' | ')}`,
  )
}

describe('the beats of a tracker', () => {
  it('are a bar for each check, the newest on the right, those alike in one line', () => {
    const checks = [
      answeredAt(minutesAgo(10), { latencyMs: 8.4 }),
      failedAt(minutesAgo(20)),
      failedAt(minutesAgo(30)),
      answeredAt(minutesAgo(40), { latencyMs: 31 }),
      answeredAt(minutesAgo(50), { latencyMs: 29 }),
      answeredAt(minutesAgo(60), { latencyMs: 30 }),
    ]
    expect(runsOf(checks, 6)).toEqual([
      'ok 0+15 24/12: Answered | 3 checks, 2026-11-22 09:00 UTC to 2026-11-22 09:20 UTC, 29 ms to 31 ms',
      'failed 15+10 6/21: Failed: No answer to UDP packets | 2 checks, 2026-11-22 09:30 UTC to 2026-11-22 09:40 UTC',
      'ok 25+5 24/12: Answered | 2026-11-22 09:50 UTC, 8.4 ms',
    ])
  })

  it('differ in height by what came out', () => {
    const checks = [
      answeredAt(minutesAgo(10), { outcome: 'rejected', code: 'not_registered' }),
      answeredAt(minutesAgo(20), { flags: ['family_down', 'packet_loss'] }),
      answeredAt(minutesAgo(30), { outcome: 'skipped', reason: 'uplink_down', code: 'net.uplink', latencyMs: null }),
      answeredAt(minutesAgo(40), { flags: ['packet_loss'] }),
    ]
    expect(runsOf(checks, 6).map((run) => run.replace(/ \| .*/, ''))).toEqual([
      'none 0+10 3/22.5: No check yet',
      'ok 10+5 24/12: Answered',
      'skipped 15+5 24/12: Skipped: This monitor’s own network was down',
      'degraded 20+5 18/15: Answered. Answers over one address family only, though it has addresses of both',
      'rejected 25+5 12/18: Refused: Refuses: serves registered torrents only',
    ])
  })

  it.each([
    ['reason', { reason: 'unreachable' }],
    ['code', { code: 'net.timeout' }],
    ['remark', { flags: ['slow'] }],
  ] as const)('tell apart failures of another %s', (_, over) => {
    const other = { ...failedAt(minutesAgo(20)), ...over }
    expect(runsOf([failedAt(minutesAgo(10)), other], 2)).toHaveLength(2)
    expect(runsOf([other, { ...other, checkedAt: minutesAgo(30) }], 2)).toHaveLength(1)
  })

  it('sum up for those who do not see them, and tell each bar to the script', () => {
    const checks = [
      failedAt(minutesAgo(5)),
      answeredAt(minutesAgo(15), { latencyMs: 12.6 }),
      answeredAt(minutesAgo(20)),
    ]
    const drawing = Beats({ checks, count: 30 }).toString()
    const first = Math.floor(minutesAgo(20).getTime() / MINUTE_MS).toString(36)
    expect(drawing).toContain('role="img" tabindex="0" aria-label="3 checks: 2 answered, 1 failed"')
    expect(drawing).toContain(`data-count="30" data-at="${first},5,a" data-ms="40,13,"`)
  })

  it('are no more than are asked for', () => {
    const checks = Array.from({ length: 40 }, (_, i) => answeredAt(minutesAgo(i)))
    expect(runsOf(checks, 30)).toEqual([
      'ok 0+150 24/12: Answered | 30 checks, 2026-11-22 09:31 UTC to 2026-11-22 10:00 UTC, 40 ms',
    ])
  })

  it('say that there is no check yet', () => {
    expect(runsOf([], 30)).toEqual(['none 0+150 3/22.5: No check yet'])
    expect(Beats({ checks: [], count: 30 }).toString()).toContain('aria-label="No check yet"')
  })

  it('escape a code that no word is known for', () => {
    const odd = answeredAt(minutesAgo(1), { outcome: 'failed', code: '<b>"', latencyMs: null })
    expect(Beats({ checks: [odd], count: 1 }).toString()).toContain('<title>Failed: &lt;b&gt;&quot;\n')
  })

  it('stand in the row of their tracker', async () => {
    const [one, other] = [entryOf('udp://one.example:1'), entryOf('udp://other.example:1')]
    const recent = new Map([[other.tracker.url, [failedAt(minutesAgo(1))]]])
    const page = await markupOf(appOver({ entries: [one, other], recent }), '/')
    const labels = [...page.matchAll(/class="bars runs"[^>]* aria-label="([^"]*)"/g)].map(([, label]) => label)
    expect(labels).toEqual(['No check yet', '1 check: 1 failed'])
  })
})

describe('a row of bars', () => {
  it('has a title for each bar, and the height that is given or that of its kind', () => {
    const bars = [
      { kind: 'ok', title: 'a <b>' },
      { kind: 'failed', height: 0.5, title: 'b' },
      { kind: 'none', height: 0, title: 'c' },
    ] as const
    expect(Bars({ bars, label: '3 "days"' }).toString()).toBe(
      '<svg class="bars" viewBox="0 0 15 24" preserveAspectRatio="none" role="img" tabindex="0" aria-label="3 &quot;days&quot;">' +
        '<path class="ok" d="M2 24V0"><title>a &lt;b&gt;</title></path>' +
        '<path class="failed" d="M7 24V12"><title>b</title></path>' +
        '<path class="none" d="M12 24V23"><title>c</title></path></svg>',
    )
  })
})

describe('a sparkline', () => {
  const pathOf = (values: readonly (number | null)[]) => /d="([^"]*)"/.exec(String(Sparkline({ values })))?.[1]

  it.each([
    [[10, 20, 5], 'M0 20 3 2 6 29', 'from 0 up to the highest'],
    [[10, 10], 'M0 2 3 2', 'flat where nothing changes'],
    [[10, null, 10, 10], 'M0 2h0M6 2 9 2', 'broken where there was no answer, a dot where it stands alone'],
    [[0, 0], 'M0 38 3 38', 'at the bottom where all is 0'],
  ])('of %j is %s: %s', (values, path) => {
    expect(pathOf(values)).toBe(path)
  })

  it.each([[[]], [[null, null]], [[10, null]]])('of %j is not drawn', (values) => {
    expect(Sparkline({ values })).toBeNull()
  })

  it('says the lowest and the highest', () => {
    expect(String(Sparkline({ values: [40, 8.31, null, 1234] }))).toContain(
      'aria-label="Latency from 8.3 ms to 1234 ms"',
    )
  })
})

describe('markup', () => {
  it('takes everything for text but what it has made itself', () => {
    const inner = markup`<i>${'<&>'}</i>`
    expect(markup`<p title="${'"x"'}">${inner}${[inner, inner]}${1}${null}</p>`.toString()).toBe(
      '<p title="&quot;x&quot;"><i>&lt;&amp;&gt;</i><i>&lt;&amp;&gt;</i><i>&lt;&amp;&gt;</i>1</p>',
    )
  })
})

describe('a minute', () => {
  it('is written as ISO 8601 has it, without the T', () => {
    expect(utcMinute(new Date('2026-01-02T03:04:59.999Z'))).toBe('2026-01-02 03:04 UTC')
    expect(utcMinute(new Date('2026-12-31T23:59:00Z'))).toBe('2026-12-31 23:59 UTC')
  })
})
