import { describe, expect, it } from 'vitest'
import { afterFailure, afterFetch, firstState, isDue, type SourceState } from '../../src/monitor/source-state.js'
import { parseTrackerList } from '../../src/tracker/list.js'

const list = (count: number) =>
  parseTrackerList(Array.from({ length: count }, (_, index) => `udp://h${index}.example:1`).join('\n'))
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute))
const taken = (count: number, minute = 0) => afterFetch(firstState, list(count), at(minute))
const hour = 3_600_000

describe('isDue', () => {
  it.each<[string, SourceState, number, boolean]>([
    ['a list never fetched is due', firstState, 0, true],
    ['a list fetched just now is not', taken(1), 59, false],
    ['a list is due when its refresh has passed', taken(1), 60, true],
    ['a list loaded from disk counts from its fetch', { ...taken(1), lastAttemptAt: null }, 59, false],
    ['after one failure it is due a minute later', afterFailure(taken(1), 'x', at(0)), 1, true],
    ['after two failures it is not, but', afterFailure(afterFailure(taken(1), 'x', at(0)), 'x', at(0)), 1, false],
    ['two minutes later', afterFailure(afterFailure(taken(1), 'x', at(0)), 'x', at(0)), 2, true],
    [
      'many failures wait no longer than the refresh',
      { ...afterFailure(taken(1), 'x', at(0)), failures: 1_000 },
      60,
      true,
    ],
    ['a list that shrank waits a whole refresh', afterFetch(taken(100), list(1), at(0)), 59, false],
    ['a clock that was set back makes a list due', taken(1, 30), 29, true],
  ])('%s', (_, state, minute, due) => {
    expect(isDue(state, hour, at(minute))).toBe(due)
  })
})

describe('afterFetch', () => {
  it('takes a list and forgets earlier failures', () => {
    expect(afterFetch(afterFailure(firstState, 'x', at(0)), list(2), at(1))).toEqual({
      trackers: [expect.objectContaining({ host: 'h0.example' }), expect.objectContaining({ host: 'h1.example' })],
      lastSuccessAt: at(1),
      lastAttemptAt: at(1),
      lastError: null,
      failures: 0,
      shrunk: 0,
    })
  })

  it('keeps the last good copy when there is no tracker in the new one', () => {
    const next = afterFetch(taken(3), parseTrackerList('no list\nat all\n'), at(1))
    expect(next.trackers).toHaveLength(3)
    expect(next).toMatchObject({
      lastSuccessAt: at(0),
      lastAttemptAt: at(1),
      lastError: 'no announce URL in it, but 2 other entries',
    })
  })

  /** Trackers in use after fetches of lists of these sizes, one after the other. */
  it.each([
    [[100, 25], 25],
    [[100, 24], 100],
    [[100, 24, 24], 100],
    [[100, 24, 24, 24], 24],
    [[100, 24, 24, 90, 22, 22], 90],
    [[100, 24, 0, 24, 24], 24],
    [[8, 1], 8],
    [[7, 1], 1],
    [[1, 100], 100],
  ])('lists of %j trackers leave %i in use: few are believed the third time', (sizes, inUse) => {
    const last = sizes.reduce((state, size, minute) => afterFetch(state, list(size), at(minute)), firstState)
    expect(last.trackers).toHaveLength(inUse)
  })

  it('says why it does not believe it', () => {
    expect(afterFetch(taken(100), list(1), at(1)).lastError).toBe(
      '1 trackers where there were 100, believed when it says so 3 times',
    )
  })
})
