import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'
import { type TransferRow, transferKinds } from '../../src/store/transfer.js'
import type { Window } from '../../src/tracker/uptime.js'
import { at, checksOf, DAY, HOUR, inDirectory, MINUTE, records, url, watched } from './support.js'

const end = at(8 * DAY)
const year = { from: new Date(end.getTime() - 365 * DAY), to: end }

async function copy(from: Store, to: Store, window: Window): Promise<void> {
  for (const kind of transferKinds) {
    const rows: TransferRow[] = []
    for await (const row of from.export(kind, window)) rows.push(row)
    await to.import(rows, end)
  }
  await to.roll(end)
}

describe('a part of a history in another store', () => {
  it.each([
    ['with a change of status in it', '+'.repeat(1008) + '-'.repeat(144)],
    ['without any', '+'.repeat(1152)],
  ])('is all that it knows: of the time before nothing was observed, %s', (_, letters) =>
    inDirectory(async (directory, use) => {
      const from = await use(openStore(`sqlite:${join(directory, 'from.db')}`))
      const to = await use(openStore(`sqlite:${join(directory, 'to.db')}`))
      await from.watch([watched('a')], at(0))
      await from.record(records(checksOf('a', letters, 0, 10 * MINUTE)))
      await from.roll(end)
      const whole = await from.uptime(url('a'), year, end)
      expect(whole.observedMs).toBeLessThanOrEqual(8 * DAY)
      await copy(from, to, { from: at(6 * DAY), to: end })
      const told = await to.uptime(url('a'), year, end)
      expect(told.observedMs).toBeLessThanOrEqual(whole.observedMs)
      expect((await to.hours(url('a'), { from: at(-DAY), to: at(-HOUR) })).length).toBe(0)
    }),
  )

  it('says nothing of what came after it', () =>
    inDirectory(async (directory, use) => {
      const from = await use(openStore(`sqlite:${join(directory, 'from.db')}`))
      const to = await use(openStore(`sqlite:${join(directory, 'to.db')}`))
      await from.watch([watched('a')], at(0))
      // Down on the third and fourth day, fine on the fifth and sixth, down since.
      const letters = ['+', '-', '+', '-'].map((letter) => letter.repeat(288)).join('')
      await from.record(records(checksOf('a', letters, 0, 10 * MINUTE)))
      await from.roll(end)
      const until = at(5 * DAY)
      await copy(from, to, { from: new Date(0), to: until })
      const state = await to.find(url('a'))
      expect(state?.health).toMatchObject({
        status: 'up',
        since: at(4 * DAY),
        checkedAt: until,
        unobservedSince: until,
      })
      expect(state?.lastOkAt).toEqual(null)
      for (const [first, last] of [
        [0, 5],
        [4, 5],
      ] as const) {
        const days = { from: at(first * DAY), to: at(last * DAY) }
        expect(await to.uptime(url('a'), days, end)).toEqual(await from.uptime(url('a'), days, end))
      }
      expect((await to.uptime(url('a'), { from: until, to: end }, end)).observedMs).toBe(0)
    }))

  it('that ends within a gap is observed up to the gap', () =>
    inDirectory(async (directory, use) => {
      const from = await use(openStore(`sqlite:${join(directory, 'from.db')}`))
      const to = await use(openStore(`sqlite:${join(directory, 'to.db')}`))
      await from.watch([watched('a')], at(0))
      const day = '+'.repeat(144)
      await from.record(records([...checksOf('a', day, 0, 10 * MINUTE), ...checksOf('a', day, 3 * DAY, 10 * MINUTE)]))
      const until = at(2 * DAY)
      await copy(from, to, { from: new Date(0), to: until })
      const window = { from: at(0), to: until }
      const told = await to.uptime(url('a'), window, end)
      expect(told.observedMs).toBeGreaterThan(0)
      expect(told).toEqual(await from.uptime(url('a'), window, end))
    }))

  it('that ends before a tracker was known leaves it without a health', () =>
    inDirectory(async (directory, use) => {
      const from = await use(openStore(`sqlite:${join(directory, 'from.db')}`))
      const to = await use(openStore(`sqlite:${join(directory, 'to.db')}`))
      await from.watch([watched('a')], at(0))
      await from.record(records(checksOf('a', '++', DAY)))
      await copy(from, to, { from: new Date(0), to: at(HOUR) })
      expect((await to.find(url('a')))?.health).toBeNull()
    }))
})
