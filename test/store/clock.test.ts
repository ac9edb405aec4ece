import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { CheckRecord, Store } from '../../src/store/store.js'
import type { CheckResult } from '../../src/tracker/outcome.js'
import {
  at,
  check,
  checksOf,
  DAY,
  HOUR,
  inDirectory,
  MINUTE,
  ok,
  records,
  start,
  timeout,
  url,
  watched,
} from './support.js'

/** A tracker that is checked each minute of an hour, by a monitor that goes on after it, whatever its clock shows. */
async function watching(use: (opening: Promise<Store>) => Promise<Store>, file: string) {
  const store = await use(openStore(`sqlite:${file}`))
  await store.watch([watched('a')], at(0))
  let last: CheckRecord | undefined
  const see = async (checks: readonly CheckResult[]): Promise<void> => {
    for (const record of records(checks, undefined, last?.health)) {
      await store.record([record])
      last = record
    }
  }
  await see(checksOf('a', '+'.repeat(60)))
  return { store, see }
}

describe('a clock that stands years behind for one round', () => {
  it.each([
    ['1970', -start],
    ['a month ago', -30 * DAY],
  ])('and shows %s takes nothing of what was observed before', (_, wrongMs) =>
    inDirectory(async (directory, use) => {
      const { store, see } = await watching(use, join(directory, 'history.db'))
      const window = { from: at(0), to: at(2 * HOUR) }
      await see([check('a', wrongMs, ok), check('a', HOUR + 40 * MINUTE, ok)])
      expect(await store.uptime(url('a'), window, at(HOUR + 40 * MINUTE))).toEqual({
        // The last check holds for ten minutes, then nothing is known for 31.
        observedMs: 69 * MINUTE,
        aliveMs: 69 * MINUTE,
        skippedMs: 31 * MINUTE,
        ratio: 1,
      })
    }),
  )

  it('takes no more than an hour where upkeep came between', () =>
    inDirectory(async (directory, use) => {
      const { store, see } = await watching(use, join(directory, 'history.db'))
      await see(checksOf('a', '+'.repeat(150), HOUR))
      await store.roll(at(3 * HOUR + 30 * MINUTE))
      await see([check('a', -30 * DAY, ok)])
      await store.roll(at(-30 * DAY + 10 * MINUTE))
      await see([check('a', 3 * HOUR + 40 * MINUTE, ok)])
      const window = { from: at(0), to: at(3 * HOUR + 40 * MINUTE) }
      expect(await store.uptime(url('a'), window, window.to)).toMatchObject({ observedMs: 3 * HOUR, aliveMs: 3 * HOUR })
    }))

  it('leaves a gap that began before it as it is', () =>
    inDirectory(async (directory, use) => {
      const { store, see } = await watching(use, join(directory, 'history.db'))
      await see(checksOf('a', 'sss', HOUR))
      await see([check('a', -30 * DAY, ok), check('a', 3 * HOUR, ok)])
      const window = { from: at(0), to: at(3 * HOUR) }
      expect(await store.uptime(url('a'), window, window.to)).toMatchObject({ observedMs: HOUR, skippedMs: 2 * HOUR })
    }))
})

describe('a clock that is set back', () => {
  it('by minutes leaves status changes in their order', () =>
    inDirectory(async (directory, use) => {
      const { store, see } = await watching(use, join(directory, 'history.db'))
      // Down since an hour and three minutes, alive again at what is now an hour.
      await see([check('a', HOUR + 3 * MINUTE, timeout), check('a', HOUR + 4 * MINUTE, timeout)])
      await see(checksOf('a', '+'.repeat(60), HOUR))
      const window = { from: at(0), to: at(2 * HOUR) }
      const changes = await store.changes(url('a'), window)
      expect(changes.map(({ to }) => to)).toEqual(['up', 'down', 'up'])
      expect((await store.uptime(url('a'), window, window.to)).ratio).toBeGreaterThan(0.999)
    }))

  it.each([
    ['three minutes', 3 * MINUTE],
    ['fifty minutes', 50 * MINUTE],
  ])('by %s gives way to what is seen after the next upkeep', (_, backMs) =>
    inDirectory(async (directory, use) => {
      const { store, see } = await watching(use, join(directory, 'history.db'))
      const setAt = HOUR - MINUTE - backMs
      await see(checksOf('a', '-', setAt))
      await store.roll(at(setAt))
      await see(checksOf('a', '-', setAt + MINUTE))
      const now = at(setAt + MINUTE)
      const [entry] = await store.entries(now)
      expect(entry).toMatchObject({ alive: false, health: { status: 'down', checkedAt: now } })
      expect(entry?.last?.outcome.kind).toBe('failed')
    }),
  )

  it('by hours gives way to what is seen now, and the gap before it ends', () =>
    inDirectory(async (directory, use) => {
      const { store, see } = await watching(use, join(directory, 'history.db'))
      await see([check('a', 9 * HOUR, ok)])
      await see(checksOf('a', '+--', HOUR + MINUTE))
      await store.roll(at(HOUR + 10 * MINUTE))
      await see(checksOf('a', '--', HOUR + 11 * MINUTE))
      const now = at(HOUR + 12 * MINUTE)
      const [state] = await store.states()
      expect(state?.health).toMatchObject({ status: 'down', checkedAt: now })
      const { observedMs } = await store.uptime(url('a'), { from: at(HOUR + 10 * MINUTE), to: now }, now)
      expect(observedMs).toBe(2 * MINUTE)
    }))
})
