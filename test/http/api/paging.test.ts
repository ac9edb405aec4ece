import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../../src/store/open.js'
import type { Store } from '../../../src/store/store.js'
import { at, checksOf, HOUR, MINUTE, policy, records, watched } from '../../store/support.js'
import { apiOver, filledStore, idOf, privateId } from './support.js'

let store: Store

beforeAll(async () => {
  store = await filledStore()
})

afterAll(() => store.close())

/** All items, by following the links; `between` runs after each page. */
async function walk(path: string, over = store, between: () => Promise<void> = async () => {}): Promise<unknown[]> {
  const { get } = apiOver(over)
  const items: unknown[] = []
  for (let next: string | null = path; next !== null; ) {
    const { status, headers, body } = await get(next)
    expect({ path: next, status }).toEqual({ path: next, status: 200 })
    expect(headers.get('Link')).toBe(body.next === null ? null : `<${body.next}>; rel="next"`)
    items.push(...body.items)
    next = body.next
    await between()
  }
  return items
}

describe('a list read page by page', () => {
  it.each([
    '/trackers?',
    '/trackers?sort=status&',
    '/trackers?sort=since&order=asc&',
    '/trackers?sort=latency&',
    '/trackers?sort=24h&fields=url&',
    `/trackers/${idOf('a')}/checks?`,
    `/trackers/${privateId}/checks?`,
    `/trackers/${idOf('a')}/changes?`,
    `/trackers/${idOf('a')}/incidents?`,
    '/incidents?',
    `/incidents?from=${at(5 * HOUR).toISOString()}&`,
  ])('has the same items as at once, in the same order: %s', async (path) => {
    const whole = await walk(`${path}limit=1000`)
    expect(whole.length).toBeGreaterThan(4)
    for (const limit of [1, 3, 17]) {
      if (whole.length / limit < 30) expect(await walk(`${path}limit=${limit}`)).toEqual(whole)
    }
  })

  it('is not shifted by what is recorded meanwhile', async () => {
    const own = await openStore('sqlite::memory:')
    try {
      await own.watch([watched('a'), watched('b')], at(0))
      const strict = { ...policy, downAfter: 1 }
      const first = records(checksOf('a', '+-+-+-+-+-'), strict)
      await own.record(first)
      for (const path of [`/trackers/${idOf('a')}/checks`, `/trackers/${idOf('a')}/changes`, '/incidents']) {
        const before = await walk(`${path}?limit=1000`, own)
        let later = 20
        const between = async (): Promise<void> => {
          await own.record(records(checksOf('b', '-+', later * MINUTE), strict))
          later += 2
        }
        expect(await walk(`${path}?limit=2`, own, between)).toEqual(before)
        await own.watch([watched('a')], at(2 * HOUR))
        await own.watch([watched('a'), watched('b')], at(2 * HOUR))
      }
    } finally {
      await own.close()
    }
  })

  it('loses none of those of the same moment', async () => {
    const own = await openStore('sqlite::memory:')
    try {
      const names = Array.from({ length: 70 }, (_, index) => `t${index}`)
      await own.watch(
        names.map((name) => watched(name)),
        at(0),
      )
      for (const name of names) await own.record(records(checksOf(name, '+-+'), { ...policy, downAfter: 1 }))
      const whole = await walk('/incidents?limit=1000', own)
      expect(whole).toHaveLength(70)
      expect(await walk('/incidents?limit=8', own)).toEqual(whole)
    } finally {
      await own.close()
    }
  })

  it('ends where the last page is just full', async () => {
    const { body } = await apiOver(store).get('/trackers?limit=5')
    expect(body.items).toHaveLength(5)
    expect(body.next).toBeNull()
  })

  it('keeps the other parameters in the way to the next page', async () => {
    const { body } = await apiOver(store).get('/trackers?limit=1&scheme=udp&fields=url')
    expect(body.next).toMatch(/^\/api\/v1\/trackers\?limit=1&scheme=udp&fields=url&cursor=[\w-]+$/)
  })

  it('refuses a cursor that is not its own', async () => {
    const { get } = apiOver(store)
    const cursorOf = async (path: string): Promise<string> =>
      new URL((await get(path)).body.next ?? '', 'http://x').searchParams.get('cursor') ?? ''
    const foreign = await cursorOf('/incidents?limit=1')
    const sorted = await cursorOf('/trackers?limit=1&sort=latency')
    const own = await cursorOf('/trackers?limit=1')
    const forged = Buffer.from('["trackers name asc",{"key":"x","id":"y","more":1}]').toString('base64url')
    for (const cursor of [foreign, sorted, forged, `${own}%3D`, 'x', '%00', 'a'.repeat(3000)]) {
      const { status, body } = await get(`/trackers?limit=1&cursor=${cursor}`)
      expect({ cursor, status }).toEqual({ cursor, status: 400 })
      expect(body.errors).toEqual([
        { parameter: 'cursor', detail: expect.stringContaining('expected the cursor of a') },
      ])
    }
    expect((await get(`/trackers?limit=1&cursor=${own}`)).status).toBe(200)
  })
})
