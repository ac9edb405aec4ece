import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { toConfig } from '../../src/config/config.js'
import { settingsSchema } from '../../src/config/schema.js'
import { type Backups, isOverdue, startBackups } from '../../src/daemon/backups.js'
import { createMetrics } from '../../src/metrics/metrics.js'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'
import { parseExposition } from '../metrics/parse-exposition.js'
import { type Logged, logTo } from '../monitor/support.js'
import { at, checksOf, DAY, HOUR, inDirectory, MINUTE, records, url, watched } from '../store/support.js'

interface Setup {
  readonly store: Pick<Store, 'backup' | 'info'>
  readonly directory: string
  readonly keep?: number
  readonly schedule?: string
  /** When it starts, ms after the start of the test's time. */
  readonly startMs?: number
}

type Started = Backups & {
  /** Runs at a moment, ms after the start of the test's time. */
  readonly runAt: (ms: number) => Promise<void>
  readonly logged: readonly Logged[]
  readonly metric: (name: string) => Promise<Readonly<Record<string, number>>>
}

async function withBackups(setup: Setup, body: (backups: Started) => Promise<void>): Promise<void> {
  const { store, directory, keep = 3, schedule = 'never', startMs = 0 } = setup
  const settings = settingsSchema.parse({ groups: [{ name: 'g' }], backup: { directory, keep, schedule } })
  const config = toConfig(settings, [[]])
  let now = at(startMs)
  const metrics = createMetrics({ version: '1', now: () => now })
  const logged: Logged[] = []
  const backups = await startBackups({
    store,
    metrics,
    config: () => config,
    log: logTo(logged),
    now: () => now,
    onCrash: (error) => expect.unreachable(String(error)),
    catchUpMs: 0,
  })
  const runAt = (ms: number): Promise<void> => {
    now = at(ms)
    return backups.run()
  }
  const metric = async (name: string) => {
    const { body } = await metrics.render({ entries: [], info: null, at: now })
    const samples = parseExposition(body.toString()).get(`trackerwatch_${name}`)?.samples ?? []
    return Object.fromEntries(samples.map(({ labels, value }) => [labels.operation ?? '', value]))
  }
  try {
    await body({ ...backups, runAt, logged, metric })
  } finally {
    backups.stop()
    await backups.settled()
  }
}

/** A store with some history in it and a place for its backups. */
function withStore(body: (store: Store, directory: string) => Promise<void>): Promise<void> {
  return inDirectory(async (folder, use) => {
    const store = await use(openStore(`sqlite:${join(folder, 'history.db')}`))
    await store.watch([watched('a')], at(0))
    await store.record(records(checksOf('a', '+--+')))
    await body(store, join(folder, 'backups'))
  })
}

const reasonOf = (line: Logged | undefined) =>
  line !== undefined && 'err' in line.fields ? String(line.fields.err) : ''
const nameOf = (day: number) => `trackerwatch-2026-03-0${day + 1}T00-00-00Z.db`

describe('backups', () => {
  it('open and hold the history, are logged and told to Prometheus', () =>
    withStore((store, directory) =>
      withBackups({ store, directory }, async ({ runAt, logged, metric }) => {
        expect(await metric('backup_last_success_timestamp_seconds')).toEqual({})
        await runAt(DAY)
        expect(readdirSync(directory)).toEqual([nameOf(1)])
        const file = join(directory, nameOf(1))
        expect(logged).toEqual([
          { level: 'info', fields: { file, durationMs: expect.any(Number) }, message: 'history backed up' },
        ])
        expect(await metric('backup_last_success_timestamp_seconds')).toEqual({ '': at(DAY).getTime() / 1000 })
        const copy = await openStore(`sqlite:${file}`, { readOnly: true })
        try {
          expect(await copy.verify()).toEqual([])
          expect(await copy.checks(url('a'), { from: at(0), to: at(HOUR) }, 9)).toHaveLength(4)
        } finally {
          await copy.close()
        }
      }),
    ))

  it('are as many as wanted, the newest ones, and nothing else in the directory is touched', () =>
    withStore((store, directory) =>
      withBackups({ store, directory, keep: 2 }, async ({ runAt }) => {
        const others = ['trackerwatch.db', `${nameOf(0)}.old`, `old-${nameOf(0)}`, 'trackerwatch-mine.db', 'x.part']
        mkdirSync(join(directory, 'trackerwatch-2020-01-01T00-00-00Z.db'), { recursive: true })
        for (const name of others) writeFileSync(join(directory, name), 'not ours')
        symlinkSync(join(directory, 'trackerwatch.db'), join(directory, 'trackerwatch-2020-01-02T00-00-00Z.db'))
        for (const day of [0, 1, 2, 3]) await runAt(day * DAY)
        expect(readdirSync(directory).toSorted()).toEqual(
          [
            ...others,
            'trackerwatch-2020-01-01T00-00-00Z.db',
            'trackerwatch-2020-01-02T00-00-00Z.db',
            nameOf(2),
            nameOf(3),
          ].toSorted(),
        )
        for (const name of others) expect(readFileSync(join(directory, name), 'utf8')).toBe('not ours')
      }),
    ))

  it('make those of a clock that stood ahead give way, and are no news of today', () =>
    withStore((store, directory) => {
      mkdirSync(directory)
      const ahead = ['trackerwatch-2036-01-01T00-00-00Z.db', 'trackerwatch-2036-01-02T00-00-00Z.db']
      for (const name of ahead) writeFileSync(join(directory, name), 'of a clock that stood wrong')
      return withBackups({ store, directory, keep: 2 }, async ({ runAt, metric }) => {
        expect(await metric('backup_last_success_timestamp_seconds')).toEqual({})
        await runAt(0)
        expect(readdirSync(directory).toSorted()).toEqual([nameOf(0), ahead[1]])
        for (const day of [1, 2]) await runAt(day * DAY)
        expect(readdirSync(directory).toSorted()).toEqual([nameOf(1), nameOf(2)])
      })
    }))

  it('clear away what a killed process left of one', () =>
    withStore((store, directory) =>
      withBackups({ store, directory }, async ({ runAt }) => {
        mkdirSync(directory)
        for (const end of ['', '-journal', '-wal', '-shm']) {
          writeFileSync(join(directory, `${nameOf(0)}.0123abcd.part${end}`), 'half')
        }
        await runAt(DAY)
        expect(readdirSync(directory)).toEqual([nameOf(1)])
      }),
    ))

  it('that fail are told, leave nothing behind, and no older one goes for them', () =>
    withStore((store, directory) =>
      withBackups({ store, directory, keep: 1 }, async ({ runAt, logged, metric }) => {
        await runAt(DAY)
        await runAt(DAY)
        await store.close()
        await runAt(2 * DAY)
        expect(readdirSync(directory)).toEqual([nameOf(1)])
        expect(logged.slice(1).map(({ level, message }) => `${level}: ${message}`)).toEqual([
          'error: history not backed up',
          'error: history not backed up',
        ])
        expect(reasonOf(logged[1])).toContain(`${nameOf(1)} exists already`)
        expect(reasonOf(logged[2])).toContain('is closed')
        expect(await metric('database_errors_total')).toMatchObject({ backup: 2 })
        expect(await metric('backup_last_success_timestamp_seconds')).toEqual({ '': at(DAY).getTime() / 1000 })
      }),
    ))

  it('that a stop cuts short are no errors, and leave nothing behind', () =>
    withStore((store, directory) => {
      let stop = (): void => {}
      const stopping = {
        ...store,
        backup: async (file: string) => {
          const copying = store.backup(file)
          stop()
          await store.close()
          await copying
        },
      }
      return withBackups({ store: stopping, directory }, async (backups) => {
        stop = backups.stop
        await backups.runAt(DAY)
        const file = join(directory, nameOf(1))
        const because = expect.stringMatching(/history\.db was closed meanwhile$/)
        const message = 'history not backed up, the monitor stops'
        expect(backups.logged).toEqual([{ level: 'info', fields: { file, because }, message }])
        expect(readdirSync(directory)).toEqual([])
        expect(await backups.metric('database_errors_total')).not.toMatchObject({ backup: 1 })
      })
    }))

  it('of a database that is damaged where no start looks are refused night after night, and the older ones stay', () =>
    inDirectory(async (folder, use) => {
      const file = join(folder, 'history.db')
      const directory = join(folder, 'backups')
      await (await openStore(`sqlite:${file}`)).close()
      // Too large to be read whole at the start.
      const client = new Database(file)
      client.exec(
        `CREATE TABLE ballast (id INTEGER PRIMARY KEY, bytes BLOB);
         WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
         INSERT INTO ballast SELECT i, randomblob(4000) FROM n`,
      )
      client.close()
      await withBackups({ store: await use(openStore(`sqlite:${file}`)), directory, keep: 1 }, ({ runAt }) =>
        runAt(DAY),
      )
      const bytes = readFileSync(file)
      bytes.fill(0xa5, bytes.length - 8 * 4096)
      writeFileSync(file, bytes)
      const store = await use(openStore(`sqlite:${file}`, { readOnly: true }))
      await withBackups({ store, directory, keep: 1, startMs: 2 * DAY }, async ({ runAt, logged, metric }) => {
        for (const day of [2, 3]) await runAt(day * DAY)
        expect(logged.map(({ level, message }) => `${level}: ${message}`)).toEqual([
          'error: history not backed up',
          'error: history not backed up',
        ])
        for (const line of logged) {
          expect(reasonOf(line)).toContain(`the copy of ${file} is damaged and was deleted: see what "trackerwatch db`)
        }
        expect(readdirSync(directory)).toEqual([nameOf(1)])
        expect(await metric('database_errors_total')).toMatchObject({ backup: 2 })
        expect(await metric('backup_last_success_timestamp_seconds')).toEqual({ '': at(DAY).getTime() / 1000 })
      })
    }))

  it('do not take more than half of the space that is left', () =>
    withStore(async (store, directory) => {
      const huge = { ...store, info: async () => ({ ...(await store.info()), sizeBytes: 2 ** 60 }) }
      await withBackups({ store: huge, directory }, async ({ runAt, logged }) => {
        await runAt(DAY)
        expect(readdirSync(directory)).toEqual([])
        expect(reasonOf(logged[0])).toMatch(/has \d+ MiB of free space, expected twice the \d+ MiB of the/)
      })
    }))

  it('that came while nothing ran are made up for', () =>
    withStore((store, directory) =>
      withBackups({ store, directory, schedule: '17 3 1 1 *' }, async ({ settled }) => {
        while (!existsSync(join(directory, nameOf(0)))) {
          await new Promise(setImmediate)
          await settled()
        }
      }),
    ))

  it('tell Prometheus how often they are wanted, and nothing where they are not', () =>
    withStore(async (store, directory) => {
      await withBackups({ store, directory, schedule: '17 3 * * *' }, async ({ metric }) => {
        const { '': seconds = 0 } = await metric('backup_interval_seconds')
        expect(seconds / 3600).toBeGreaterThan(23.9) // a day, or one on which the clock is set
        expect(seconds / 3600).toBeLessThan(25.1)
      })
      await withBackups({ store, directory, schedule: 'never' }, async ({ metric }) => {
        expect(await metric('backup_interval_seconds')).toEqual({})
      })
    }))

  it('of an earlier run are known after a restart', () =>
    withStore(async (store, directory) => {
      await withBackups({ store, directory }, ({ runAt }) => runAt(DAY))
      await withBackups({ store, directory, startMs: DAY }, async ({ metric }) => {
        expect(await metric('backup_last_success_timestamp_seconds')).toEqual({ '': at(DAY).getTime() / 1000 })
      })
    }))
})

describe('a backup is overdue', () => {
  const daily = '17 3 * * *'
  it.each([
    ['where there is none yet', daily, null, true],
    ['once a beat has passed since the newest', daily, 25 * HOUR + MINUTE, true],
    ['not before', daily, 23 * HOUR, false],
    ['never where none is wanted', null, null, false],
  ])('%s', (_, schedule, ageMs, expected) => {
    expect(isOverdue(schedule, ageMs === null ? null : at(-ageMs), at(0))).toBe(expected)
  })
})
