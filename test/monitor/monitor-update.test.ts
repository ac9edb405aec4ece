import { describe, expect, it } from 'vitest'
import { bench, fleet, settle } from './bench.js'
import { breakable, EVERY_SECOND, planOf, urlOf, YEARLY } from './harness.js'
import { deferred, ok, probed, watch } from './support.js'

const { start, store, statusOf, storedChecks } = bench()

describe('an update', () => {
  it('checks what is new, forgets what is gone and leaves the rest in peace', async () => {
    const [stays, goes, comes] = [watch('stays'), watch('goes'), watch('comes')]
    const hang = deferred<ReturnType<typeof ok>>()
    const one = await start({
      plan: planOf([stays, goes]),
      script: (watched) => (watched.tracker.host.startsWith('goes') ? hang.promise : ok()),
    })
    await one.until(() => one.started.length === 2)
    await one.monitor.update(planOf([comes, stays]))
    hang.resolve(ok())
    await one.until(() => one.rounds.length === 2)
    expect(one.started.toSorted()).toEqual([comes, goes, stays].map(urlOf).toSorted())
    expect(one.recorded.map(({ result }) => result.url)).not.toContain(urlOf(goes))
    expect(await storedChecks(goes)).toBe(0)
    expect((await store().states()).map(urlOf)).toEqual([comes, stays].map(urlOf))
    expect(await statusOf(stays)).toBe('up')
  })

  it('skips what was planned and is gone when its turn comes', async () => {
    const [first, second] = fleet(2)
    if (first === undefined || second === undefined) throw new Error('no trackers')
    const hang = deferred<ReturnType<typeof ok>>()
    const one = await start({ plan: planOf([first, second], { concurrency: 1 }), script: () => hang.promise })
    await settle()
    await one.monitor.update(
      planOf(
        [first, second].filter(({ tracker }) => tracker.url === one.started[0]),
        { concurrency: 1 },
      ),
    )
    hang.resolve(ok())
    await one.until(() => one.rounds.length === 1)
    expect(one.started).toHaveLength(1)
    expect(one.rounds).toMatchObject([{ checked: 1 }])
  })

  it('says of a family over which nothing is checked any more that it is not watched', async () => {
    const trackers = fleet(2)
    const one = await start({
      plan: planOf(trackers),
      script: (watched) => probed(watched, { 4: ok(), 6: ok() }, new Date()),
    })
    await one.until(() => one.rounds.length === 1)
    const { groups, ...plan } = planOf(trackers)
    await one.monitor.update({ ...plan, groups: groups.map((group) => ({ ...group, family: 4 })) })
    expect(one.uplink.slice(-1)).toEqual([{ family: 6, up: null, detail: 'no tracker is checked over IPv6 any more' }])
  })

  it('moves a tracker to another group with its health', async () => {
    const tracker = watch('moves')
    const one = await start({ plan: planOf([tracker]) })
    await one.until(() => one.rounds.length === 1)
    await one.monitor.update(planOf([{ ...tracker, group: 'private' }], {}, { private: EVERY_SECOND }))
    await one.until(() => one.rounds.some(({ group, checked }) => group === 'private' && checked === 1))
    expect(one.recorded.map(({ health }) => health.status)).toEqual(['up', 'up'])
    expect(one.recorded[1]?.change).toBeNull()
  })

  it('goes on with the health of a tracker whose URL has changed, and says so, or that it cannot', async () => {
    const [old, stays] = [watch('old'), watch('stays')]
    const one = await start({ plan: planOf([old, stays]) })
    await one.until(() => one.rounds.length === 1)
    const moved = watch('new', { aliases: [urlOf(old)] })
    await one.monitor.update(planOf([moved, stays], {}, { public: EVERY_SECOND }))
    await one.until(() => one.recorded.some(({ result }) => result.url === urlOf(moved)))
    expect(one.recorded.find(({ result }) => result.url === urlOf(moved))?.change).toBeNull()
    expect(await storedChecks(moved)).toBe(2)
    await one.monitor.update(planOf([watch('stays', { aliases: [urlOf(moved)] })]))
    const told = one.logged.filter(({ message }) => message.includes('alias'))
    expect(told.map(({ level, fields, message }) => [level, fields, message])).toEqual([
      ['info', { tracker: urlOf(moved), alias: urlOf(old) }, 'history of an alias joined'],
      [
        'warn',
        { tracker: urlOf(stays), alias: urlOf(moved) },
        'history of an alias not joined, the tracker has one of its own',
      ],
    ])
  })

  it('changes how many checks run at once, over all groups, from the next check on', async () => {
    const first = deferred<ReturnType<typeof ok>>()
    const others = deferred<ReturnType<typeof ok>>()
    const trackers = [...fleet(6, 'a'), ...fleet(6, 'b')]
    const groups = { a: YEARLY, b: YEARLY }
    let checks = 0
    const one = await start({
      plan: planOf(trackers, { concurrency: 3 }, groups),
      script: () => (checks++ === 0 ? first.promise : others.promise),
    })
    await settle()
    expect(one.monitor.status().inFlight).toBe(3)
    await one.monitor.update(planOf(trackers, { concurrency: 5 }, groups))
    first.resolve(ok())
    await settle()
    expect(one.monitor.status().inFlight).toBe(5)
    others.resolve(ok())
    await one.until(() => one.rounds.length === 2)
    expect(one.most).toEqual({ ofOne: 1, ofAll: 5 })
  })

  it('that the store refuses leaves the old plan in force', async () => {
    const { store: sick, broken } = breakable(store())
    const [stays, comes] = [watch('stays'), watch('comes')]
    const one = await start({ store: sick, plan: planOf([stays], {}, { public: EVERY_SECOND }) })
    await one.until(() => one.rounds.length === 1)
    broken.method = 'watch'
    await expect(one.monitor.update(planOf([comes]))).rejects.toBe(broken.error)
    expect(one.databaseErrors).toEqual([['watch', broken.error]])
    await one.until(() => one.recorded.length === 2)
    expect(new Set(one.started)).toEqual(new Set([urlOf(stays)]))
    broken.method = null
    await one.monitor.update(planOf([comes]))
    await one.until(() => one.started.includes(urlOf(comes)))
  })

  it('with a wrong plan changes nothing', async () => {
    const tracker = watch('t')
    const one = await start({ plan: planOf([tracker]) })
    await expect(one.monitor.update(planOf([{ ...tracker, group: 'nobody' }]))).rejects.toThrow('"nobody"')
    expect((await store().states()).map(({ group }) => group)).toEqual(['public'])
  })
})

describe('when something is wrong', () => {
  it('with the database, checks go on and are recorded when it is back', async () => {
    const { store: sick, broken } = breakable(store())
    broken.method = 'record'
    const trackers = fleet(5)
    const one = await start({ store: sick, plan: planOf(trackers) })
    await one.until(() => one.rounds.length === 1)
    expect(one.recorded).toEqual([])
    expect(one.databaseErrors).toEqual([['record', broken.error]])
    expect(one.monitor.status().queue).toBe(5)
    const late = watch('late')
    await one.monitor.update(planOf([...trackers, late]))
    await one.until(() => one.rounds.length === 2)
    expect(one.started).toEqual([...trackers, late].map(urlOf))
    broken.method = null
    await one.until(() => one.recorded.length === 6)
    expect(await Promise.all(trackers.map(statusOf))).toEqual(trackers.map(() => 'up'))
  })

  it('with a check that throws, that is a crash and no downtime', async () => {
    const bug = new TypeError('x is not a function')
    const tracker = watch('t')
    const one = await start({ plan: planOf([tracker]), script: () => Promise.reject(bug) })
    await one.until(() => one.crashes.length === 1)
    expect(one.crashes).toEqual([bug])
    expect(await storedChecks(tracker)).toBe(0)
  })

  it('with an observer, that is a crash; the others are told and nothing is written twice', async () => {
    const bug = new RangeError('no such label')
    const trackers = fleet(3)
    const one = await start({
      plan: planOf(trackers),
      hooks: {
        onRecorded: () => {
          throw bug
        },
      },
    })
    await one.until(() => one.rounds.length === 1)
    expect(one.crashes).toEqual([bug, bug, bug])
    expect(one.databaseErrors).toEqual([])
    expect(one.recorded).toHaveLength(3)
  })
})
