import { hash, randomBytes, randomInt } from 'node:crypto'

/** Who we are to trackers. */
export interface Identity {
  readonly peerId: Uint8Array
  /** The same over IPv4 and IPv6 and for all trackers (BEP 7, BEP 15). */
  readonly key: number
  /** In the dynamic range, where no tracker's block list looks. */
  readonly port: number
  /**
   * An info hash that no torrent has: random, but the same for one tracker as long as the identity lives, so that
   * repeated checks do not fill the tracker with torrents.
   */
  infoHashFor(url: string): Uint8Array
}

const PEER_ID_PREFIX = '-TW0100-'
const PEER_ID_CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** An identity made from `secret`, or from chance. */
export function createIdentity(secret: string = randomBytes(32).toString('hex')): Identity {
  const suffix = Array.from({ length: 20 - PEER_ID_PREFIX.length }, () =>
    PEER_ID_CHARACTERS.charAt(randomInt(PEER_ID_CHARACTERS.length)),
  )
  return {
    peerId: Buffer.from(PEER_ID_PREFIX + suffix.join('')),
    key: randomBytes(4).readUInt32BE(),
    port: randomInt(49_152, 65_536),
    infoHashFor: (url) => hash('sha1', `${secret} ${url}`, 'buffer'),
  }
}
