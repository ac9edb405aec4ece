import type { RemoteInfo } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { vi } from 'vitest'
import type { CheckResult, CheckTrackerOptions } from '../../src/index.js'
import { checkLocal } from './check-local.js'
import { udp } from './encode.js'
import { announced, CONNECTION_ID, kindOf, startUdpTracker } from './udp-tracker.js'

/**
 * From here on time passes only where a test says so, which makes every duration exact. Packets travel as ever; but no
 * `expect.poll`, which lets time pass.
 */
export function stopTheClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
}

/** A packet that the tracker has received and that the test answers when it likes. */
export interface Received {
  readonly packet: Buffer
  readonly from: RemoteInfo
  readonly atMs: number
  readonly send: (bytes: Buffer) => void
}

export interface Hands {
  /** Whether the check is over, once all that is on its way has arrived. */
  readonly isSettled: () => Promise<boolean>
  /** Takes the tracker away: its port is closed from now on. */
  readonly close: () => Promise<void>
}

/** A check of a tracker that answers nothing by itself. `work` gets hold of the nth packet as the last that came. */
export async function checkByHand(
  options: CheckTrackerOptions,
  work: (nth: (count: number) => Promise<Received>, hands: Hands) => Promise<void>,
  place: Parameters<typeof startUdpTracker>[1] = {},
): Promise<CheckResult & { readonly received: readonly Received[] }> {
  const received: Received[] = []
  const arrivals = new EventEmitter()
  const beganMs = performance.now()
  const tracker = startUdpTracker((packet, from, send) => {
    received.push({ packet, from, atMs: performance.now() - beganMs, send })
    arrivals.emit('packet')
    return []
  }, place)
  const { url, stop } = await tracker
  let open = true
  const close = async (): Promise<void> => {
    if (open) await stop()
    open = false
  }
  let settled = false
  const isSettled = async (): Promise<boolean> => {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
    return settled
  }
  const nth = async (count: number): Promise<Received> => {
    while (received.length < count) await once(arrivals, 'packet')
    const last = received[count - 1]
    if (last === undefined || received.length > count) throw new Error(`${received.length} packets, expected ${count}`)
    return last
  }
  const checking = checkLocal(url, options).finally(() => {
    settled = true
  })
  try {
    await work(nth, { isSettled, close })
    return { ...(await checking), received }
  } finally {
    await close()
  }
}

/** The good reply to what was received. */
export function answer({ packet, send }: Received, connectionId = CONNECTION_ID): void {
  const id = packet.readUInt32BE(12)
  if (kindOf(packet) === 'connect') send(udp.connectReply(id, connectionId))
  else for (const reply of announced()(id, packet) ?? []) send(reply)
}
