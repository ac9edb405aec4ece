import { describe, expect, it } from 'vitest'
import { checkUdp, SHORT_MS, summary } from '../support/check-local.js'
import { udp } from '../support/encode.js'
import { announced, connected, kindOf, type Respond, scripted } from '../support/udp-tracker.js'
import { expectEach } from '../support/variants.js'

/** A tracker that answers announces with an error packet. */
function refusing(text: string | Uint8Array): Respond {
  return scripted({ announce: (id) => [udp.errorReply(id, text)] })
}

/** With its first word in little endian. */
function byteSwapped(packet: Buffer): Buffer {
  return Buffer.concat([packet.subarray(0, 4).swap32(), packet.subarray(4)])
}

async function verdictOf(respond: Respond): Promise<string> {
  return summary((await checkUdp(respond)).outcome)
}

describe('a UDP error packet', () => {
  it('U051 one in answer to a connect is a refusal, and no announce follows', async () => {
    const respond = scripted({ connect: (id) => [udp.errorReply(id, 'banned')] })
    const { outcome, probes, received, alive } = await checkUdp(respond)
    expect(summary(outcome)).toBe('rejected client_banned "banned"')
    expect(Object.keys(probes[0]?.phases ?? {})).toEqual(['udp_connect'])
    expect([received.map(kindOf), alive]).toEqual([['connect'], false])
  })

  it('U052 a NUL behind its text is not part of it', async () => {
    expect(await verdictOf(refusing('bad passkey\0'))).toBe('rejected auth "bad passkey"')
  })

  it('U053 one without a text has "(empty)" for one', async () => {
    expect(await verdictOf(refusing(''))).toBe('rejected other "(empty)"')
  })

  it('U054 bytes that are no UTF-8 are shown as far as they are', async () => {
    expect(await verdictOf(refusing(Buffer.from('c328ff', 'hex')))).toBe('rejected other "\ufffd(\ufffd"')
  })

  it('U055 escape sequences and line breaks are taken out of its text, and 200 characters are kept', () =>
    expectEach(
      {
        escapes: ['\x1b[31mno\r\nmore\x07', 'rejected other "no more"'],
        'five kilobytes': ['x'.repeat(5000), `rejected other "${'x'.repeat(200)}"`],
      },
      (text: string) => verdictOf(refusing(text)),
    ))

  it('U056 one for somebody else does no harm', async () => {
    const connect = (id: number) => [udp.errorReply(id ^ 1, 'banned'), ...connected(id)]
    expect(await verdictOf(scripted({ connect }))).toBe('ok foreign_packets')
  })

  it('U057 one with its action in the wrong byte order is understood, with a flag', async () => {
    const announce = (id: number) => [byteSwapped(udp.errorReply(id, 'no'))]
    expect(await verdictOf(scripted({ announce }))).toBe('rejected other "no" udp.error_byteswapped')
  })

  it('U060 one under transaction id 0 is for nobody: udp.timeout, which says that something came', async () => {
    const announce = () => [udp.errorReply(0, 'bad request')]
    const { outcome } = await checkUdp(scripted({ announce }), { timeoutMs: 2 * SHORT_MS })
    expect(summary(outcome)).toBe('failed udp.timeout in udp_announce')
    expect(outcome).toMatchObject({ detail: expect.stringContaining('packets came that belong to no request of ours') })
  })
})

describe('a UDP tracker that does not know its connection id', () => {
  const missmatch = (id: number) => [udp.errorReply(id, 'Connection ID missmatch.\0')]

  it('U058 is connected to exactly once more, and the announce goes out again', async () => {
    let announces = 0
    const announce = (id: number, packet: Buffer) => (announces++ === 0 ? missmatch(id) : announced()(id, packet))
    const { outcome, received, probes } = await checkUdp(scripted({ announce }))
    expect(summary(outcome)).toBe('ok reconnected')
    expect(received.slice(0, 4).map(kindOf)).toEqual(['connect', 'announce', 'connect', 'announce'])
    expect(probes).toMatchObject([{ packetsSent: 4, packetsLost: 0 }])
  })

  it('U059 has refused, class conn_id, when it does not know the second either', async () => {
    const { outcome, received } = await checkUdp(scripted({ announce: missmatch }))
    expect(summary(outcome)).toBe('rejected conn_id "Connection ID missmatch." reconnected')
    expect(received.map(kindOf)).toEqual(['connect', 'announce', 'connect', 'announce'])
  })
})
