import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Status, statuses } from '../../src/tracker/health.js'
import { quantileOf, type UptimeInput, uptimeIn, uptimeTrack } from '../../src/tracker/uptime.js'

/** `0 up, 10 down`: what began when, in ms. */
function changes(text: string): UptimeInput['changes'] {
  return text.split(', ').flatMap((part) => {
    const [at, name] = part.split(' ')
    const to = statuses.find((status) => status === name)
    return to === undefined ? [] : [{ at: new Date(Number(at)), to }]
  })
}

/** `5-7 9-12` */
function spans(text: string) {
  return text.split(' ').flatMap((part) => {
    const [from, to] = part.split('-').map(Number)
    return from === undefined || to === undefined ? [] : [{ from: new Date(from), to: new Date(to) }]
  })
}

function computed(before: Status, changed: string, gaps: string, window: string, aliveWhen: UptimeInput['aliveWhen']) {
  const [span = { from: new Date(0), to: new Date(0) }] = spans(window)
  const { observedMs, aliveMs, skippedMs, ratio } = uptimeIn(
    uptimeTrack({ statusBefore: before, changes: changes(changed), gaps: spans(gaps), aliveWhen }),
    span,
    Number.POSITIVE_INFINITY,
  )
  return `${aliveMs} of ${observedMs}, ${skippedMs} skipped, ${ratio}`
}

describe('uptime', () => {
  it.each<[string, Status, string, string, string, string]>([
    ['is nothing where nothing was observed', 'pending', '', '', '0-100', '0 of 0, 0 skipped, null'],
    ['is whole for a tracker that was up all the time', 'up', '', '', '0-100', '100 of 100, 0 skipped, 1'],
    ['is nought for one that was down', 'down', '', '', '0-100', '0 of 100, 0 skipped, 0'],
    ['weighs by time', 'up', '90 down', '', '0-100', '90 of 100, 0 skipped, 0.9'],
    ['counts from the first observation', 'pending', '60 up, 80 down', '', '0-100', '20 of 40, 0 skipped, 0.5'],
    ['counts degraded time as alive', 'up', '50 degraded', '', '0-100', '100 of 100, 0 skipped, 1'],
    ['counts refusals as not alive', 'up', '50 rejecting', '', '0-100', '50 of 100, 0 skipped, 0.5'],
    ['counts neither unknown', 'up', '50 unknown', '', '0-100', '50 of 50, 50 skipped, 1'],
    ['nor unsupported time', 'unsupported', '', '', '0-100', '0 of 0, 100 skipped, null'],
    ['nor the time of a pause', 'up', '20 paused, 70 down', '', '0-100', '20 of 50, 50 skipped, 0.4'],
    ['leaves out gaps', 'up', '50 down', '40-60', '0-100', '40 of 80, 20 skipped, 0.5'],
    ['leaves out gaps across several changes', 'up', '20 down, 40 up', '10-50', '0-100', '60 of 60, 40 skipped, 1'],
    ['leaves out several gaps in one status', 'up', '', '10-20 30-50 90-95', '0-100', '65 of 65, 35 skipped, 1'],
    ['counts a gap while pending not at all', 'pending', '50 up', '10-60', '0-100', '40 of 40, 10 skipped, 1'],
    ['counts a gap that ends before it begins as none', 'up', '', '50-40', '0-100', '100 of 100, 0 skipped, 1'],
    ['is null where all was a gap', 'up', '', '0-100', '0-100', '0 of 0, 100 skipped, null'],
    ['cuts gaps at the edges of the window', 'up', '', '0-20 90-200', '10-100', '70 of 70, 20 skipped, 1'],
    [
      'knows gaps outside of the window, and leaves them there',
      'up',
      '',
      '0-5 150-160',
      '10-100',
      '90 of 90, 0 skipped, 1',
    ],
    [
      'takes its first status from changes before the window',
      'pending',
      '0 up, 5 down',
      '',
      '10-100',
      '0 of 90, 0 skipped, 0',
    ],
    ['stops at the end of the window', 'up', '100 down', '', '0-100', '100 of 100, 0 skipped, 1'],
    ['begins with the window', 'up', '0 down', '', '0-100', '0 of 100, 0 skipped, 0'],
    [
      'lets the later of two changes at one moment win',
      'up',
      '50 down, 50 up',
      '',
      '0-100',
      '100 of 100, 0 skipped, 1',
    ],
    ['of an empty window is nothing', 'up', '', '', '50-50', '0 of 0, 0 skipped, null'],
    ['of a window that ends before it begins is nothing', 'up', '', '', '60-50', '0 of 0, 0 skipped, null'],
  ])('%s', (_, before, changed, gaps, window, expected) => {
    expect(computed(before, changed, gaps, window, 'announce')).toBe(expected)
  })

  it('counts refusals as alive where an answer is enough', () => {
    expect(computed('up', '50 rejecting, 75 down', '', '0-100', 'response')).toBe('75 of 100, 0 skipped, 0.75')
  })

  it('equals counting moment by moment', () => {
    const change = fc.record({ at: fc.nat(120), to: fc.constantFrom(...statuses) })
    const cuts = fc.uniqueArray(fc.nat(120), { maxLength: 12 })
    fc.assert(
      fc.property(
        fc.array(change),
        cuts,
        fc.constantFrom(...statuses),
        fc.nat(110),
        fc.nat(60),
        (all, cut, before, from, ms) => {
          const ordered = all.toSorted((a, b) => a.at - b.at)
          const edges = cut.toSorted((a, b) => a - b)
          const gaps = edges.flatMap((to, index) => (index % 2 === 1 ? [{ from: edges[index - 1] ?? 0, to }] : []))
          let observed = 0
          let alive = 0
          for (let moment = from; moment < from + ms; moment++) {
            const status = ordered.findLast(({ at }) => at <= moment)?.to ?? before
            const isGap = gaps.some((gap) => gap.from <= moment && moment < gap.to)
            if (isGap || !['up', 'degraded', 'rejecting', 'down'].includes(status)) continue
            observed += 1
            if (status === 'up' || status === 'degraded') alive += 1
          }
          const input: UptimeInput = {
            statusBefore: before,
            changes: ordered.map(({ at, to }) => ({ at: new Date(at), to })),
            gaps: gaps.map((gap) => ({ from: new Date(gap.from), to: new Date(gap.to) })),
            aliveWhen: 'announce',
          }
          const { observedMs, aliveMs } = uptimeIn(
            uptimeTrack(input),
            { from: new Date(from), to: new Date(from + ms) },
            Number.POSITIVE_INFINITY,
          )
          expect({ observedMs, aliveMs }).toEqual({ observedMs: observed, aliveMs: alive })
        },
      ),
    )
  })
})

describe('a quantile', () => {
  it.each([
    ['of nothing is null', [], 0.5, null],
    ['of one sample is that sample', [7], 0.99, 7],
    ['takes the lower of two middles', [1, 2, 3, 4], 0.5, 2],
    ['takes the middle of an odd number', [1, 2, 3], 0.5, 2],
    ['at 0 is the least', [1, 2, 3], 0, 1],
    ['at 1 is the greatest', [1, 2, 3], 1, 3],
    ['of a hundred at 0.95 is the 95th', Array.from({ length: 100 }, (_, index) => index + 1), 0.95, 95],
  ] as const)('%s', (_, ascending, quantile, expected) => {
    expect(quantileOf(ascending, quantile)).toBe(expected)
  })
})
