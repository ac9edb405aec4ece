import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { toConfig } from '../../src/config/config.js'
import { settingsSchema } from '../../src/config/schema.js'
import { monitorPlan } from '../../src/daemon/plan.js'
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
