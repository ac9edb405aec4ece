import { describe, expect, it } from 'vitest'
import type { Description } from '../../src/bittorrent/describe.js'
import { describeUdpReply, describeUdpRequest } from '../../src/bittorrent/describe-udp.js'
import { compactPeer6, compactPeers, udp } from '../support/encode.js'

/** `name: value unit (note)` of each field, behind the name of the packet. */
function lines({ name, fields }: Description): readonly string[] {
  const texts = fields.map(({ name: field, value, unit, note }) => {
    const text = value instanceof Uint8Array ? `<${Buffer.from(value).toString('hex')}>` : String(value)
    return `${field}: ${text}${unit === undefined ? '' : ` ${unit}`}${note === undefined ? '' : ` (${note})`}`
  })
  return [name, ...texts]
}

function request(...parts: readonly string[]): readonly string[] {
  return lines(describeUdpRequest(Buffer.from(parts.join(''), 'hex')))
}

/** An announce by hand (BEP 15), up to its options. */
const ANNOUNCE = [
  '1122334455667788', // connection id
  '00000001', // action
  '0a0b0c0d', // transaction id
  '00112233445566778899aabbccddeeff00112233', // info hash
  Buffer.from('-TW0100-abcdefghijkl').toString('hex'),
  '0000000000000000', // downloaded
  '00000000000003e8', // left
  'ffffffffffffffff', // uploaded
  '00000002', // event
  '00000000', // ip
  'deadbeef', // key
  'ffffffff', // num want
  'c001', // port
]
const ANNOUNCED = [
  'announce request',
  'connection id: 1122334455667788',
  'transaction id: 0a0b0c0d',
  'info hash: 00112233445566778899aabbccddeeff00112233',
  'peer id: -TW0100-abcdefghijkl',
  'downloaded: 0 bytes',
  'left: 1000 bytes',
  'uploaded: 18446744073709551615 bytes',
  'event: started',
  'ip: 0.0.0.0 (that of the packet)',
  'key: deadbeef',
  'num want: -1',
  'port: 49153',
]

describe('a packet that we send', () => {
  it('is a connect request with the protocol id', () => {
    expect(request('0000041727101980', '00000000', '0a0b0c0d')).toEqual([
      'connect request',
      'protocol id: 0000041727101980',
      'transaction id: 0a0b0c0d',
    ])
  })

  it('is an announce request, field by field', () => {
    expect(request(...ANNOUNCE)).toEqual(ANNOUNCED)
  })

  it('has the parts of its URL data as one text (BEP 41)', () => {
    const path = '/announce?passkey=x'
    const options = (...chunks: readonly string[]) =>
      chunks.map((chunk) => Buffer.concat([Buffer.from([2, chunk.length]), Buffer.from(chunk)]).toString('hex'))
    expect(request(...ANNOUNCE, ...options(path))).toEqual([...ANNOUNCED, `URL data: ${path} (BEP 41)`])
    expect(request(...ANNOUNCE, '01', ...options('/announce?pass', 'key=x'), '00', '7f')).toEqual([
      ...ANNOUNCED,
      `URL data: ${path} (BEP 41, in 2 options)`,
    ])
  })

  it('is a scrape request with its info hashes', () => {
    const hashes = ['00'.repeat(20), 'ff'.repeat(20)]
    expect(request('1122334455667788', '00000002', '0a0b0c0d', ...hashes)).toEqual([
      'scrape request',
      'connection id: 1122334455667788',
      'transaction id: 0a0b0c0d',
      ...hashes.map((hash) => `info hash: ${hash}`),
    ])
  })
})

describe('a packet that comes in', () => {
  const TRANSACTION = 0x0a0b0c0d
  const reply = (bytes: Buffer, family: 4 | 6 = 4) => lines(describeUdpReply(bytes, family))
  const usual = { interval: 1800, leechers: 2, seeders: 1, peers: Buffer.alloc(0) }

  it('is a connect response', () => {
    expect(reply(udp.connectReply(TRANSACTION, Buffer.from('1122334455667788', 'hex')))).toEqual([
      'connect response',
      'transaction id: 0a0b0c0d',
      'connection id: 1122334455667788',
    ])
  })

  it('is an announce response with its peers, of the family of the packet', () => {
    const common = ['announce response', 'transaction id: 0a0b0c0d', 'interval: 1800 s', 'leechers: 2', 'seeders: 1']
    const peers = compactPeers('192.0.2.1:6881', '192.0.2.2:80')
    expect(reply(udp.announceReply(TRANSACTION, { ...usual, peers }))).toEqual([
      ...common,
      'peers: 2: 192.0.2.1:6881, 192.0.2.2:80',
    ])
    const peers6 = compactPeer6('20010db8000000000000000000000007', 6881)
    expect(reply(udp.announceReply(TRANSACTION, { ...usual, peers: peers6 }), 6)).toEqual([
      ...common,
      'peers: 1: [2001:db8::7]:6881',
    ])
  })

  it('has the first of many peers and the number of the others', () => {
    const peers = compactPeers(...Array.from({ length: 200 }, (_, index) => `192.0.2.${index}:1`))
    const shown = Array.from({ length: 8 }, (_, index) => `192.0.2.${index}:1`).join(', ')
    expect(reply(udp.announceReply(TRANSACTION, { ...usual, peers })).at(-1)).toBe(`peers: 200: ${shown}, and 192 more`)
  })

  it('has numbers that cannot be meant, and says so', () => {
    const absurd = { ...usual, interval: 0xffffffff, leechers: 0x80000000, seeders: 0x7fffffff }
    expect(reply(udp.announceReply(TRANSACTION, absurd)).slice(2)).toEqual([
      'interval: unusable (2^31 or more)',
      'leechers: unusable (2^31 or more)',
      'seeders: 2147483647',
      'peers: 0',
    ])
  })

  it('is an error with its text', () => {
    expect(reply(udp.errorReply(TRANSACTION, 'unregistered torrent'))).toEqual([
      'error',
      'transaction id: 0a0b0c0d',
      'message: unregistered torrent',
    ])
  })

  it('is an error in the wrong byte order', () => {
    expect(reply(Buffer.from(`030000000a0b0c0d${Buffer.from('no').toString('hex')}`, 'hex'))).toEqual([
      'error',
      'transaction id: 0a0b0c0d',
      'message: no',
      'action: 03000000 (an error in the wrong byte order)',
    ])
  })

  it('is shown by its bytes where it is cut, unknown or no packet at all', () => {
    expect(reply(Buffer.from('000000000a0b0c0d112233', 'hex'))).toEqual([
      'connect response',
      'transaction id: 0a0b0c0d',
      'bytes: <000000000a0b0c0d112233>',
    ])
    expect(reply(Buffer.from('000000010a0b0c0d11', 'hex'))).toEqual([
      'announce response',
      'transaction id: 0a0b0c0d',
      'bytes: <000000010a0b0c0d11>',
    ])
    expect(reply(Buffer.from('000000010a0b0c0d', 'hex')).at(-1)).toBe('body: none (how opentracker refuses a torrent)')
    expect(reply(Buffer.from('000000090a0b0c0d', 'hex'))).toEqual([
      'packet with action 9',
      'transaction id: 0a0b0c0d',
      'bytes: <000000090a0b0c0d>',
    ])
    expect(reply(Buffer.from('abc'))).toEqual(['datagram', 'bytes: <616263>'])
    expect(reply(Buffer.alloc(0))).toEqual(['datagram'])
  })
})
