import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.js'
import { at, DAY, HOUR } from '../../store/support.js'
import { apiOver, filledStore, idOf, LATER } from './support.js'

let store: Store

beforeAll(async () => {
  store = await filledStore()
})

afterAll(() => store.close())

async function history(query: string) {
  const { status, body } = await apiOver(store).get(`/trackers/${idOf('a')}/history${query}`)
  expect(status).toBe(200)
  return body
}

describe('the history of a tracker', () => {
  it('has its hours with uptime, counts, reasons, packets and quantiles', async () => {
    const { unit, items } = await history(`?from=${at(HOUR).toISOString()}&to=${at(2 * HOUR).toISOString()}`)
    expect(unit).toBe('hour')
    expect(items).toEqual([
      {
        from: at(HOUR).toISOString(),
        to: at(2 * HOUR).toISOString(),
        checks: { ok: 3, rejected: 1, failed: 2, skipped: 0 },
        reasons: { timeout: 2 },
        packetsSent: 12,
        packetsLost: 0,
        uptime: { ratio: 0.5, observedMs: HOUR, aliveMs: HOUR / 2, skippedMs: 0 },
        latency: {
          samples: 4,
          p50Ms: 40.637,
          p95Ms: 40.637,
          p99Ms: 40.637,
        },
      },
    ])
  })

  it('adds up to its total, by the hour as by the day', async () => {
    const stretch = `?from=${at(0).toISOString()}&to=${at(2 * DAY).toISOString()}`
    const hours = await history(`${stretch}&unit=hour`)
    const days = await history(`${stretch}&unit=day`)
    expect([hours.items.length, days.items.length]).toEqual([48, 2])
    expect(Object.values(hours.total.checks).reduce((sum, count) => sum + count, 0)).toBe(288)
    expect(hours.total.checks).toEqual(days.total.checks)
    expect(hours.total.uptime.aliveMs).toBe(days.total.uptime.aliveMs)
    expect(days.total.from).toBe(at(0).toISOString())
    expect(days.total.to).toBe(at(2 * DAY).toISOString())
  })

  it('is of the last 24 hours, by the hour, where nothing is asked for', async () => {
    const { unit, from, to } = await history('')
    expect({ unit, from, to }).toEqual({
      unit: 'hour',
      from: new Date(LATER.getTime() - DAY).toISOString(),
      to: LATER.toISOString(),
    })
  })

  it.each([
    ['?window=7d', 'hour'],
    ['?window=30d', 'day'],
    ['?window=30d&unit=hour', 'hour'],
    ['?window=24h&unit=day', 'day'],
    ['?window=1y', 'day'],
  ])('has the unit that is asked for, or one that fits: %s', async (query, unit) => {
    expect((await history(query)).unit).toBe(unit)
  })

  it('ends where it is to end, and goes back from there', async () => {
    const { from, to } = await history(`?window=24h&to=${at(2 * DAY).toISOString()}`)
    expect({ from, to }).toEqual({ from: at(DAY).toISOString(), to: at(2 * DAY).toISOString() })
  })
})
