import { createHmac, hash, randomBytes } from 'node:crypto'

/** Who we are to trackers, as one peer. */
export interface PeerIdentity {
  readonly peerId: Uint8Array
  /** The same over IPv4 and IPv6 and for all trackers (BEP 7, BEP 15). */
  readonly key: number
  /**
   * In the dynamic range, where no tracker's block list looks. As lasting as the info hashes are: a tracker may still
   * remember us from before a restart, and under another port we would take ourselves for a peer that it made up.
   */
  readonly port: number
}

/** Who we are to trackers. All of it follows from one secret: the same secret, the same identity. */
export interface Identity extends PeerIdentity {
  /** Another peer, that asks whether a tracker names the first. No part of it is that of the first. */
  readonly second: PeerIdentity
  /**
   * An info hash that no torrent has: random, but the same for one tracker as long as the secret lives, so that
   * repeated checks do not fill the tracker with torrents.
   */
  infoHashFor(url: string): Uint8Array
}

const PEER_ID_PREFIX = '-TW0100-'
const PEER_ID_CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const FIRST_PORT = 49_152
const PORTS = 65_536 - FIRST_PORT

/** An identity made from `secret`, or from chance. No tracker can tell the secret from it. */
export function createIdentity(secret: string = randomBytes(32).toString('hex')): Identity {
  const derive = (purpose: string): Buffer => createHmac('sha256', secret).update(purpose).digest()
  // Hashed anew for every check: a key of its own and a plain hash cost less than half of an HMAC.
  const infoHashKey = derive('info hash').toString('hex')
  const numberFrom = (purpose: string): number => derive(purpose).readUInt32BE()
  const nth = numberFrom('port') % PORTS
  const secondNth = (nth + 1 + (numberFrom('second port') % (PORTS - 1))) % PORTS
  return {
    peerId: peerIdOf(derive('peer id')),
    key: numberFrom('key'),
    port: FIRST_PORT + nth,
    second: {
      peerId: peerIdOf(derive('second peer id')),
      key: numberFrom('second key'),
      port: FIRST_PORT + secondNth,
    },
    infoHashFor: (url) => hash('sha1', `${infoHashKey} ${url}`, 'buffer'),
  }
}

function peerIdOf(random: Buffer): Uint8Array {
  const suffix = Array.from(random.subarray(0, 20 - PEER_ID_PREFIX.length), (byte) =>
    PEER_ID_CHARACTERS.charAt(byte % PEER_ID_CHARACTERS.length),
  )
  return Buffer.from(PEER_ID_PREFIX + suffix.join(''))
}
