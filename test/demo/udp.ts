import { compactPeers, udp } from '../support/encode.js'
import { announced, goodTracker, type Respond, scripted } from '../support/udp-tracker.js'

/** What the reference trackers over UDP answer. */

export const silent: Respond = () => []

export const rejecting = (text: string): Respond =>
  scripted({ announce: (transactionId) => [udp.errorReply(transactionId, text)] })

/** Peers out of thin air, whatever torrent is asked for. */
export const faking: Respond = scripted({
  announce: announced({ seeders: 4711, leechers: 815, peers: compactPeers('192.0.2.7:51413', '198.51.100.9:6881') }),
})

/** Answers each datagram after `delayMs`; an announce takes two. */
export const slow =
  (delayMs: number): Respond =>
  (packet, from, send) => {
    const answers = goodTracker(packet, from, send) ?? []
    setTimeout(() => answers.forEach(send), delayMs)
    return []
  }

/** Does not see every `every`th datagram. */
export function lossy(every: number): Respond {
  let count = 0
  return (packet, from, send) => {
    count += 1
    return count % every === 0 ? [] : goodTracker(packet, from, send)
  }
}

/** Answers for `periodMs`, is silent as long, and so on. */
export function flapping(periodMs: number): Respond {
  const startedAt = performance.now()
  return (packet, from, send) => {
    const isUp = Math.floor((performance.now() - startedAt) / periodMs) % 2 === 0
    return isUp ? goodTracker(packet, from, send) : []
  }
}
