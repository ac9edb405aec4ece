import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Outcome } from '../../src/index.js'
import { summary } from '../support/check-local.js'
import { udp } from '../support/encode.js'
import { answer, checkByHand, stopTheClock } from '../support/udp-by-hand.js'
import { CONNECTION_ID } from '../support/udp-tracker.js'

beforeEach(stopTheClock)
afterEach(() => {
  vi.useRealTimers()
})

interface Script {
  /** Of the socket that every connect is answered from; on another address it has the port of the tracker. */
  readonly host: string
  readonly attempts: number
  /** Whether the tracker itself answers too, behind that. */
  readonly both?: true
}

/** The outcome of a check whose connects are answered from a place that was not asked. */
async function outcomeOf({ host, attempts, both }: Script): Promise<{ outcome: Outcome; place: string }> {
  const elsewhere = createSocket('udp4').bind(0, host)
  await once(elsewhere, 'listening')
  const work: Parameters<typeof checkByHand>[1] = async (nth, { isSettled }) => {
    for (let count = 1; count <= attempts; count++) {
      const connect = await nth(count)
      const reply = udp.connectReply(connect.packet.readUInt32BE(12), CONNECTION_ID)
      await new Promise((sent) => elsewhere.send(reply, connect.from.port, connect.from.address, sent))
      // Nothing is settled by that, though all of it has arrived.
      expect(await isSettled()).toBe(false)
      if (count === attempts && both) answer(connect)
      else vi.advanceTimersToNextTimer()
    }
    if (both) answer(await nth(attempts + 1))
  }
  const { port } = elsewhere.address()
  const { outcome } = await checkByHand({ timeoutMs: 7000, attempts }, work, host === '127.0.0.1' ? {} : { port })
  const place = `${host} port ${port}`
  elsewhere.close()
  return { outcome, place }
}

async function expectDiagnosis(host: string): Promise<void> {
  for (const attempts of [3, 2]) {
    const { outcome, place } = await outcomeOf({ host, attempts })
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: 'malformed',
      code: 'udp.reply_from_other_address',
      phase: 'udp_connect',
      detail: expect.stringContaining(place),
    })
  }
  // One attempt is a connected socket, which hears nobody else.
  expect(summary((await outcomeOf({ host, attempts: 1 })).outcome)).toBe('failed udp.timeout in udp_connect')
  expect(summary((await outcomeOf({ host, attempts: 3, both: true })).outcome)).toBe('ok packet_loss')
}

describe('a UDP reply from elsewhere', () => {
  it('U049 replies from another port alone are udp.reply_from_other_address, where a last attempt listens for them', () =>
    expectDiagnosis('127.0.0.1'))

  it('U050 replies from another address alone are udp.reply_from_other_address in the same way', () =>
    expectDiagnosis('127.0.0.2'))
})
