import { describe, expect, it } from 'vitest'
import { createPacer, createTurns } from '../../src/probe/pacer.js'

describe('turns at 100 a second', () => {
  it('let a small burst through at once and then one every 10 ms', () => {
    const turn = createTurns(100)
    expect(Array.from({ length: 9 }, () => turn(0))).toEqual([0, 0, 0, 0, 0, 0, 10, 20, 30])
  })

  it('come at once to whoever comes slower than that', () => {
    const turn = createTurns(100)
    expect([0, 15, 30, 45, 60, 75].map(turn)).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('are not saved up while nobody comes', () => {
    const turn = createTurns(100)
    turn(0)
    expect(Array.from({ length: 8 }, () => turn(60_000))).toEqual([0, 0, 0, 0, 0, 0, 10, 20])
  })

  it('give no more starts than the rate and one burst allow, over any stretch', () => {
    const turn = createTurns(100)
    const starts = Array.from({ length: 400 }, (_, index) => index + turn(index))
    const inFirstSecond = starts.filter((at) => at < 1000).length
    expect(inFirstSecond).toBeLessThanOrEqual(106)
    expect(inFirstSecond).toBeGreaterThanOrEqual(100)
  })
})

const never = new AbortController().signal

describe('a pacer', () => {
  it('counts UDP, TCP and TLS apart, WebSocket with the transport it has', () => {
    const pacer = createPacer({ udp: 1, tcp: 1, tls: 1 }, () => 0)
    expect(pacer.turn('udp', never)).toBeUndefined()
    expect(pacer.turn('http', never)).toBeUndefined()
    expect(pacer.turn('https', never)).toBeUndefined()
    expect(createPacer({ udp: 1000, tcp: 0.001, tls: 1000 }, () => 0).turn('wss', never)).toBeUndefined()
  })

  it('has the second wait for its turn', async () => {
    const pacer = createPacer({ udp: 15, tcp: 1, tls: 1 })
    expect(pacer.turn('udp', never)).toBeUndefined()
    const second = pacer.turn('udp', never)
    expect(second).toBeInstanceOf(Promise)
    await second
  })

  it('lets go of who waits when it is aborted', async () => {
    const pacer = createPacer({ udp: 1, tcp: 1, tls: 1 })
    const stopping = new AbortController()
    pacer.turn('http', stopping.signal)
    const second = pacer.turn('http', stopping.signal)
    stopping.abort(new Error('stop'))
    await expect(second).rejects.toThrow('stop')
  })
})
