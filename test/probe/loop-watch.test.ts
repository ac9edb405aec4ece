import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  discountStalls,
  isMostlyStalled,
  type LoopWatch,
  startLoopWatch,
  tookSince,
} from '../../src/probe/loop-watch.js'
import type { Outcome, ProbeResult } from '../../src/tracker/outcome.js'
import { summary } from '../support/check-local.js'

/** The clock goes on and no timer comes: what a blocked event loop looks like from inside. */
function block(ms: number): void {
  vi.setSystemTime(Date.now() + ms)
  clockMs += ms
}

/** The clock goes on and timers come in time. */
function pass(ms: number): void {
  for (let passed = 0; passed < ms; passed++) {
    clockMs++
    vi.advanceTimersByTime(1)
  }
}

let clockMs = 0
let watch: LoopWatch
const stalls: number[] = []

beforeEach(() => {
  clockMs = 1000
  stalls.length = 0
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
  vi.spyOn(performance, 'now').mockImplementation(() => clockMs)
  watch = startLoopWatch((lengthMs) => stalls.push(Math.round(lengthMs)))
})
afterEach(() => {
  watch.stop()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('a watch on the event loop', () => {
  it('sees nothing while timers come in time, or a little late', () => {
    pass(200)
    block(90)
    pass(200)
    expect(watch.stalledMs(1000, clockMs)).toBe(0)
    expect(stalls).toEqual([])
  })

  it('tells of each stall once, when it is over', () => {
    pass(100)
    block(300)
    expect(stalls).toEqual([])
    pass(100)
    block(500)
    pass(100)
    expect(stalls).toEqual([300, 500])
  })

  it('knows of a stall before its own late timer has come', () => {
    pass(100)
    block(400)
    expect(watch.stalledMs(clockMs - 350, clockMs)).toBe(350)
    expect(watch.stalledMs(clockMs, clockMs)).toBe(0)
  })

  it('counts the part of each stall that lies between two moments', () => {
    pass(100)
    block(300)
    pass(100)
    const betweenMs = clockMs
    block(500)
    pass(100)
    expect(Math.round(watch.stalledMs(1000, clockMs))).toBe(800)
    expect(Math.round(watch.stalledMs(betweenMs, clockMs))).toBe(500)
    expect(watch.stalledMs(1000, 1100)).toBe(0)
    expect(watch.stalledMs(clockMs - 50, clockMs)).toBe(0)
  })

  it('says how long something took only where there was none', () => {
    const fromMs = clockMs
    pass(50)
    expect(tookSince(fromMs, watch)).toBe(50)
    block(200)
    expect(tookSince(fromMs, watch)).toBeNull()
    expect(tookSince(fromMs, undefined)).toBe(250)
  })
})

const announce = { intervalS: 1800, minIntervalS: null, seeders: 1, leechers: 0, peers: null, peers6: null }
const nothing = { warningMessage: null, trackerId: null, externalIp: null, extra: {} }
const ok: Outcome = { kind: 'ok', announce: { ...announce, ...nothing }, flags: ['packet_loss', 'interval_low'] }
const failed = (reason: 'timeout' | 'reset' | 'refused'): Outcome => ({
  kind: 'failed',
  reason,
  code: `net.${reason}`,
  phase: 'connect',
  detail: '',
})

function probed(outcome: Outcome): ProbeResult {
  const phases = { resolve: 3, udp_connect: 200, udp_announce: 300 }
  const sent = { attempts: 2, packetsSent: 3, packetsLost: 1, certificateExpiresAt: null }
  return { family: 4, address: '192.0.2.7', outcome, latencyMs: 500, phases, ...sent }
}

describe('a probe that a stall fell into', () => {
  it('keeps an answer, and loses its latency, its phases and the packets that nobody lost', () => {
    const fromMs = clockMs
    block(400)
    expect(discountStalls(probed(ok), watch, fromMs)).toMatchObject({
      outcome: { ...ok, flags: ['interval_low', 'clock_skew'] },
      latencyMs: null,
      phases: { resolve: 3 },
      attempts: 2,
      packetsLost: 0,
    })
  })

  it.each<[Outcome, number, string]>([
    [failed('timeout'), 300, 'skipped local.stalled'],
    [failed('reset'), 300, 'skipped local.stalled'],
    [failed('refused'), 300, 'failed net.refused in connect'],
    [failed('timeout'), 700, 'failed net.timeout in connect'],
  ])('of 400 ms with %o after %d ms more is %s', (outcome, moreMs, expected) => {
    const fromMs = clockMs
    block(400)
    pass(moreMs)
    expect(summary(discountStalls(probed(outcome), watch, fromMs).outcome)).toBe(expected)
  })

  it('is the same as ever where there was none', () => {
    const fromMs = clockMs
    pass(400)
    const result = probed(ok)
    expect(discountStalls(result, watch, fromMs)).toBe(result)
  })

  it('is ours when it took more than half of the time', () => {
    expect([isMostlyStalled(501, 1000), isMostlyStalled(500, 1000), isMostlyStalled(99, 100)]).toEqual([
      true,
      false,
      false,
    ])
  })
})
