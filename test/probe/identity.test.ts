import { describe, expect, it } from 'vitest'
import { createIdentity } from '../../src/probe/identity.js'

const secret = '00'.repeat(32)
const other = '01'.repeat(32)
const url = 'udp://tracker.example:6969/announce'

/** All that a tracker gets to see. */
function seen(identity: ReturnType<typeof createIdentity>) {
  const { peerId, key, port } = identity
  return {
    peerId: Buffer.from(peerId).toString(),
    key,
    port,
    infoHash: Buffer.from(identity.infoHashFor(url)).toString('hex'),
  }
}

describe('the identity of an installation', () => {
  it('is the same with the same secret, in every run', () => {
    expect(seen(createIdentity(secret))).toEqual(seen(createIdentity(secret)))
    // Computed by other means (openssl dgst -hmac): a change here makes every installation a stranger to its trackers.
    expect(seen(createIdentity(secret))).toEqual({
      peerId: '-TW0100-Qlik1qN6YuiR',
      key: 2_376_249_605,
      port: 58_128,
      infoHash: 'aaad17cdb464f5430af9fcf087b73525721933dd',
    })
  })

  it('is another with another secret, in every part, and another each time without one', () => {
    const all = [createIdentity(secret), createIdentity(other), createIdentity(), createIdentity()].map(seen)
    for (const part of ['peerId', 'key', 'infoHash'] as const) {
      expect(new Set(all.map((one) => one[part])).size).toBe(4)
    }
  })

  it('has a peer id of the usual look, a key of 32 bits and a port of the dynamic range', () => {
    for (let nth = 0; nth < 500; nth++) {
      const { peerId, key, port } = createIdentity()
      expect(Buffer.from(peerId).toString()).toMatch(/^-TW\d{4}-[0-9A-Za-z]{12}$/)
      expect(key >>> 0).toBe(key)
      expect(port).toBeGreaterThanOrEqual(49_152)
      expect(port).toBeLessThanOrEqual(65_535)
    }
  })

  it('has a second peer that shares nothing with the first and lasts as long', () => {
    for (let nth = 0; nth < 500; nth++) {
      const { peerId, key, port, second } = createIdentity(`secret ${nth}`)
      expect(second.port).not.toBe(port)
      expect(second.port).toBeGreaterThanOrEqual(49_152)
      expect(second.port).toBeLessThanOrEqual(65_535)
      expect(second.key).not.toBe(key)
      expect(Buffer.from(second.peerId).toString()).toMatch(/^-TW\d{4}-[0-9A-Za-z]{12}$/)
      expect(second.peerId).not.toEqual(peerId)
    }
    expect(createIdentity(secret).second).toEqual(createIdentity(secret).second)
  })

  it('has an info hash of its own for each tracker, which tells nothing of the secret', () => {
    const identity = createIdentity(secret)
    const hashes = ['/announce', '/announce?passkey=a', ':6970/announce'].map((end) =>
      Buffer.from(identity.infoHashFor(`udp://tracker.example${end}`)).toString('hex'),
    )
    expect(new Set(hashes).size).toBe(3)
    expect(hashes.map((hash) => hash.length)).toEqual([40, 40, 40])
    expect(JSON.stringify(identity)).not.toContain(secret)
  })
})
