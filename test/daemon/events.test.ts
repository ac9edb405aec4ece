import { describe, expect, it } from 'vitest'
import { createEventHub } from '../../src/daemon/events.js'
import { statusEvent, tellRound } from '../../src/daemon/live-events.js'
import type { LiveEvent, NumberedEvent } from '../../src/http/events.js'
import { ago, entryOf, NOW, trackerOf } from '../export/entries.js'

const round = (checked: number): LiveEvent => ({
  event: 'round',
  data: { group: 'public', endedAt: NOW, checked, alive: 1, trackers: 2 },
})
const checkedOf = (events: readonly NumberedEvent[] | null) =>
  events?.map(({ event }) => (event.event === 'round' ? event.data.checked : null)) ?? null

describe('the events of a run', () => {
  it('are told to every listener until it leaves', () => {
    const hub = createEventHub()
    const heard: string[] = []
    const leave = hub.listen({ onEvent: ({ id }) => heard.push(id), onEnd: () => heard.push('end') })
    hub.publish(round(1))
    leave()
    hub.publish(round(2))
    hub.close()
    expect(heard).toHaveLength(1)
  })

  it('are repeated from the one that was seen last', () => {
    const hub = createEventHub()
    const before = hub.lastId()
    for (const checked of [1, 2, 3]) hub.publish(round(checked))
    expect(checkedOf(hub.since(before))).toEqual([1, 2, 3])
    const [first] = hub.since(before) ?? []
    expect(checkedOf(hub.since(first?.id ?? ''))).toEqual([2, 3])
    expect(hub.since(hub.lastId())).toEqual([])
  })

  it('are forgotten but for the newest, and who saw less is told so', () => {
    const hub = createEventHub({ kept: 2, epoch: 'run' })
    for (const checked of [1, 2, 3]) hub.publish(round(checked))
    expect(checkedOf(hub.since('run-1'))).toEqual([2, 3])
    expect(hub.since('run-0')).toBeNull()
  })

  it.each(['run-4', 'other-1', 'run-', 'run-x', 'run--1', '', '-', 'run-1\nevent: x', 'run-99999999999999999999'])(
    'do not follow upon %j',
    (id) => {
      const hub = createEventHub({ epoch: 'run' })
      for (const checked of [1, 2, 3]) hub.publish(round(checked))
      expect(hub.since(id)).toBeNull()
    },
  )

  it('have ids that no other run has', () => {
    expect(createEventHub().since(createEventHub().lastId())).toBeNull()
  })

  it('end with the run, for those who come later as well', () => {
    const hub = createEventHub()
    const ends: string[] = []
    hub.listen({ onEvent: () => {}, onEnd: () => ends.push('early') })
    hub.close()
    hub.close()
    hub.listen({ onEvent: () => {}, onEnd: () => ends.push('late') })
    expect(ends).toEqual(['early', 'late'])
  })
})

describe('a status event', () => {
  it('tells the change without the secrets of the URL', () => {
    const tracker = trackerOf('https://t.example/0123456789abcdef0123/announce')
    const message = 'no torrent at /0123456789abcdef0123/announce'
    const change = { at: NOW, from: 'up', to: 'down', reason: 'timeout', code: 'net.timeout', message } as const
    const event = statusEvent(tracker, change)
    expect(event).toMatchObject({ url: 'https://t.example:443/***/announce', from: 'up', to: 'down', at: NOW })
    expect(event.message).toBe('no torrent at /***/announce')
    expect(event.id).toMatch(/^[0-9a-f]{12}$/)
  })
})

describe('the end of a round', () => {
  const end = { group: 'public', result: 'completed', durationMs: 1, checked: 3, endedAt: NOW } as const
  const log = { debug() {}, info() {}, warn() {}, error() {} }

  it('is told with how many trackers are alive', async () => {
    const events = createEventHub({ epoch: 'run' })
    const states = [
      entryOf('udp://a.example:1'),
      entryOf('udp://b.example:1', { status: 'down' }),
      { ...entryOf('udp://c.example:1', { status: 'rejecting' }), aliveWhen: 'response' as const },
      entryOf('udp://d.example:1', { unchecked: true }),
    ]
    await tellRound(end, { store: { states: async () => states }, events, log })
    expect(events.since('run-0')?.map(({ event }) => event)).toEqual([
      { event: 'round', data: { group: 'public', endedAt: NOW, checked: 3, alive: 2, trackers: 4 } },
    ])
  })

  it('is not told where it was cut short, or the store cannot say', async () => {
    const events = createEventHub({ epoch: 'run' })
    const failing = { states: () => Promise.reject(new Error('locked')) }
    await tellRound({ ...end, result: 'aborted' }, { store: { states: async () => [] }, events, log })
    await tellRound({ ...end, endedAt: ago(1) }, { store: failing, events, log })
    expect(events.lastId()).toBe('run-0')
  })
})
