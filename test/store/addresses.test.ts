import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { at, check, HOUR, inDirectory, MINUTE, ok, records, url, watched } from './support.js'

it('tells the file of an address when it is new, with the hour that is rolled up, and every six hours', () =>
  inDirectory(async (directory, use) => {
    const file = `${directory}/t.db`
    const store = await use(openStore(`sqlite:${file}`))
    const reader = new Database(file, { readonly: true })
    try {
      const seenInFile = () => reader.prepare('SELECT last_seen_ms FROM address').pluck().all()
      await store.watch([watched('a')], at(0))
      for (const [ms, inFile] of [
        [0, 0],
        [30 * MINUTE, 0],
        [6 * HOUR, 6 * HOUR],
        [7 * HOUR, 6 * HOUR],
      ] as const) {
        await store.record(records([check('a', ms, ok)]))
        expect(seenInFile()).toEqual([at(inFile).getTime()])
        expect(await store.addresses(url('a'))).toMatchObject([{ firstSeen: at(0), lastSeen: at(ms) }])
      }
      await store.roll(at(8 * HOUR))
      expect(seenInFile()).toEqual([at(7 * HOUR).getTime()])
    } finally {
      reader.close()
    }
  }))

it.each(['watch', 'import'] as const)('knows where a tracker was seen last after what changes the file: %s', (next) =>
  inDirectory(async (directory, use) => {
    const store = await use(openStore(`sqlite:${directory}/t.db`))
    await store.watch([watched('a')], at(0))
    for (const ms of [0, 30 * MINUTE]) await store.record(records([check('a', ms, ok)]))
    if (next === 'watch') await store.watch([watched('a')], at(HOUR))
    else await store.import([], at(HOUR))
    expect(await store.addresses(url('a'))).toMatchObject([{ lastSeen: at(30 * MINUTE) }])
  }),
)
