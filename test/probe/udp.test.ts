import { describe, expect, it } from 'vitest'
import { checkUdp, SHORT_MS, summary } from '../support/check-local.js'
import { compactPeers, udp } from '../support/encode.js'
import { announced, kindOf, scripted } from '../support/udp-tracker.js'

describe('a UDP tracker', () => {
  it('may name ourselves, but not others for an info hash that nobody has', async () => {
    const ourselves = scripted({
      announce: (id, packet) => {
        const peers = Buffer.concat([Buffer.from([127, 0, 0, 1]), packet.subarray(96, 98)])
        return [udp.announceReply(id, { interval: 1800, leechers: 1, seeders: 0, peers })]
      },
    })
    expect(summary((await checkUdp(ourselves)).outcome)).toBe('ok')
    const invents = scripted({ announce: announced({ peers: compactPeers('192.0.2.1:1', '192.0.2.2:2') }) })
    expect(summary((await checkUdp(invents, { infoHash: 'ab'.repeat(20) })).outcome)).toBe('ok')
    expect(summary((await checkUdp(invents)).outcome)).toBe('ok fake_peers')
  })

  it('that refuses is alive where a refusal is as good as an answer', async () => {
    const refusing = scripted({ announce: (id) => [udp.errorReply(id, 'unregistered torrent')] })
    const { alive, latencyMs } = await checkUdp(refusing, { aliveWhen: 'response' })
    expect([alive, latencyMs]).toEqual([true, expect.any(Number)])
    expect((await checkUdp(refusing)).alive).toBe(false)
  })

  it('is sent a connect three times also where there is little time', async () => {
    const { received } = await checkUdp(() => [], { timeoutMs: SHORT_MS })
    expect(received.map(kindOf)).toEqual(['connect', 'connect', 'connect'])
  })
})
