import { setMaxListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEndpointGate, type EndTurn, type TakeTurn } from '../../src/probe/endpoint-gate.js'

/** The clock of the gate and its timers are the test's. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const never = new AbortController().signal
setMaxListeners(0, never)
const IP = '192.0.2.1'

/** What happens to those who ask for a turn, as `name@second`; each keeps its turn for `holdMs`. */
function watch(take: TakeTurn) {
  const began = performance.now()
  const told: string[] = []
  const s = (): number => (performance.now() - began) / 1000
  const ask = (name: string, { holdMs = 0, port = 80, address = IP, signal = never as AbortSignal } = {}) =>
    take(address, port, signal).then(
      (end: EndTurn | null) => {
        told.push(end === null ? `${name} too late @${s()}` : `${name}@${s()}`)
        if (end !== null) setTimeout(end, holdMs)
      },
      (error: unknown) => void told.push(`${name} ${String(error)} @${s()}`),
    )
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 50) {
      await vi.advanceTimersByTimeAsync(Math.min(left, 50))
      await nextTurn()
    }
  }
  return { told, ask, pass }
}

describe('the gate of endpoints', () => {
  it('lets one probe start per second and endpoint, first come, first served', async () => {
    const { told, ask, pass } = watch(createEndpointGate().turns(60_000))
    for (const name of ['a', 'b', 'c']) void ask(name)
    await pass(5000)
    expect(told).toEqual(['a@0', 'b@1', 'c@2'])
  })

  it('lets none start while another is under way, however long that takes', async () => {
    const { told, ask, pass } = watch(createEndpointGate().turns(60_000))
    void ask('a', { holdMs: 2500 })
    void ask('b', { holdMs: 500 })
    void ask('c')
    await pass(5000)
    expect(told).toEqual(['a@0', 'b@2.5', 'c@3.5'])
  })

  it('keeps endpoints apart that differ in address or port, and no others', async () => {
    const { told, ask, pass } = watch(createEndpointGate().turns(60_000))
    for (const place of [{}, { port: 81 }, { address: '192.0.2.2' }, { address: '2001:db8::1' }]) {
      void ask(`${place.address ?? IP} ${place.port ?? 80}`, place)
    }
    await pass(50)
    expect(told.map((one) => one.replace(/.*@/, ''))).toEqual(['0', '0', '0', '0'])
  })

  it('shares an endpoint among groups', async () => {
    const gate = createEndpointGate()
    const [one, other] = [watch(gate.turns(60_000)), watch(gate.turns(60_000))]
    void one.ask('a')
    void other.ask('b')
    await one.pass(3000)
    expect([...one.told, ...other.told]).toEqual(['a@0', 'b@1'])
  })

  it('remembers a free endpoint for the rest of its second, and no longer', async () => {
    const gate = createEndpointGate()
    const { told, ask, pass } = watch(gate.turns(60_000))
    void ask('a')
    await pass(600)
    void ask('b')
    await pass(2000)
    void ask('c')
    await pass(50)
    expect(told).toEqual(['a@0', 'b@1', 'c@2.6'])
    for (let port = 1001; port <= 1500; port++) void ask(`${port}`, { port, holdMs: 10 })
    await pass(100)
    expect(gate.size()).toBe(501)
    await pass(1000)
    void ask('z')
    await pass(50)
    expect(gate.size()).toBe(1)
  })

  it('sends away who would wait too long, at once where that is plain, and goes on with the others', async () => {
    const { told, ask, pass } = watch(createEndpointGate().turns(2000))
    for (const name of ['a', 'b', 'c', 'd', 'e']) void ask(name, { holdMs: 1500 })
    await pass(50)
    expect(told).toEqual(['a@0', 'e too late @0'])
    await pass(6000)
    expect(told).toEqual(['a@0', 'e too late @0', 'b@1.5', 'c too late @2', 'd too late @2'])
    void ask('f')
    await pass(50)
    expect(told.at(-1)).toBe('f@6.05')
  })

  it('sends away at once who would wait too long by how long the last one took', async () => {
    const { told, ask, pass } = watch(createEndpointGate().turns(20_000))
    for (const name of ['a', 'b', 'c']) void ask(name, { holdMs: 10_000 })
    await pass(10_050)
    void ask('d', { holdMs: 10_000 })
    void ask('e')
    void ask('f')
    await pass(50)
    expect(told).toEqual(['a@0', 'b@10', 'f too late @10.05'])
  })

  it('ends the wait of an aborted check at once, and serves those behind it', async () => {
    const { told, ask, pass } = watch(createEndpointGate().turns(60_000))
    const abort = new AbortController()
    void ask('a')
    void ask('b', { signal: abort.signal })
    void ask('c')
    await pass(500)
    abort.abort('stopped')
    await pass(3000)
    expect(told).toEqual(['a@0', 'b stopped @0.5', 'c@1'])
    void ask('d', { signal: abort.signal })
    await pass(50)
    expect(told.at(-1)).toBe('d stopped @3.5')
  })

  it('leaves no timer behind', async () => {
    const { ask, pass } = watch(createEndpointGate().turns(3000))
    const abort = new AbortController()
    for (const signal of [never, never, abort.signal, never, never, never]) void ask('x', { signal, holdMs: 900 })
    await pass(100)
    abort.abort('stopped')
    await pass(10_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('serves a hundred at one endpoint, each in its second', async () => {
    const { told, ask, pass } = watch(createEndpointGate().turns(3_600_000))
    for (let nth = 0; nth < 100; nth++) void ask(`${nth}`)
    await pass(100_000)
    expect(told).toEqual(Array.from({ length: 100 }, (_, nth) => `${nth}@${nth}`))
  })
})
