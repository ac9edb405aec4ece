import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { toConfig } from '../../src/config/config.js'
import { settingsSchema } from '../../src/config/schema.js'
import { groupRules, monitorPlan } from '../../src/daemon/plan.js'
import { createListSources } from '../../src/monitor/sources.js'
import { parseTrackerList } from '../../src/tracker/list.js'
import { logTo } from '../monitor/support.js'

describe('monitorPlan', () => {
  it('gives each tracker the aliases that any group has for it, whatever their spelling', () => {
    const groups = [
      { name: 'a', trackers: ['udp://a.example:1', 'udp://b.example:1'] },
      { name: 'b', trackers: ['udp://c.example:1'], aliases: { 'udp://A.example:1': ['http://Old.example'] } },
    ]
    const config = toConfig(
      settingsSchema.parse({ groups }),
      groups.map(({ trackers }) => parseTrackerList(trackers.join('\n')).trackers.map(({ tracker }) => tracker)),
    )
    const { watched } = monitorPlan(config, createListSources({ groups: [], directory: tmpdir(), log: logTo([]) }))
    expect(watched.map(({ tracker, group, aliases }) => [tracker.url, group, aliases])).toEqual([
      ['udp://a.example:1', 'a', ['http://old.example:80/']],
      ['udp://b.example:1', 'a', undefined],
      ['udp://c.example:1', 'b', undefined],
    ])
  })
})

describe('groupRules', () => {
  it('tell how a group is checked, by its own settings where it has them, and nothing of one that there is not', () => {
    const groups = [
      { name: 'a', schedule: '*/7 * * * *', interval_floor: 'interval', bep34: 'report' },
      { name: 'b', trackers: [] },
    ]
    const config = toConfig(settingsSchema.parse({ schedule: '*/10 * * * *', groups }), [])
    // Every 7th minute is 7 minutes apart, but 4 before the hour.
    const ofOwn = { schedule: '*/7 * * * *', beatMs: 4 * 60_000, intervalFloor: 'interval', bep34: 'report' }
    expect(groupRules(config, 'a')).toEqual(ofOwn)
    expect(groupRules(config, 'b')).toMatchObject({ schedule: '*/10 * * * *', beatMs: 600_000 })
    expect(groupRules(config, 'c')).toBeNull()
  })
})
