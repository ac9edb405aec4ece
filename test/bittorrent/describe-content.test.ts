import { describe, expect, it } from 'vitest'
import type { Field } from '../../src/bittorrent/describe.js'
import { describeBencode } from '../../src/bittorrent/describe-bencode.js'
import { describePath, describeWsMessage } from '../../src/bittorrent/describe-messages.js'
import { bencodeText, compactPeer6, compactPeers } from '../support/encode.js'

function lines(fields: readonly Field[] | undefined): readonly string[] | undefined {
  return fields?.map(({ name, value, unit, note }) => {
    const text = value instanceof Uint8Array ? `<${Buffer.from(value).toString('hex')}>` : String(value)
    return `${name}: ${text}${unit === undefined ? '' : ` ${unit}`}${note === undefined ? '' : ` (${note})`}`
  })
}

function bencoded(value: Parameters<typeof bencodeText>[0], rest = ''): readonly string[] | undefined {
  return lines(describeBencode(Buffer.concat([bencodeText(value), Buffer.from(rest)]))?.fields)
}

describe('the body of an HTTP tracker', () => {
  it('is told key by key, peers and addresses as such', () => {
    const answer = {
      complete: 3,
      'external ip': Buffer.from([192, 0, 2, 9]),
      interval: 1800,
      peers: compactPeers('192.0.2.1:6881'),
      peers6: compactPeer6('20010db8000000000000000000000007', 80),
      'tracker id': Buffer.from([0xff, 0]),
    }
    expect(bencoded(answer)).toEqual([
      'complete: 3',
      'external ip: 192.0.2.9',
      'interval: 1800 s',
      'peers: 1: 192.0.2.1:6881 (compact)',
      'peers6: 1: [2001:db8::7]:80 (compact)',
      'tracker id: <ff00>',
    ])
  })

  it('is told with what is wrong in it', () => {
    const broken = { interval: '1800', peers: Buffer.from([192, 0, 2, 1, 0, 80, 7]), x: 2n ** 60n, z: { a: 1, b: 2 } }
    expect(bencoded(broken)).toEqual([
      'interval: 1800',
      'peers: 1: 192.0.2.1:80 (compact, and 1 bytes that are no whole peer)',
      'x: 1152921504606846976',
      'z: 2: a, b (dictionary)',
    ])
  })

  it('has peers as dictionaries too (BEP 3), cut with a count', () => {
    const peers = Array.from({ length: 11 }, (_, index) => ({ ip: `192.0.2.${index}`, port: 1 }))
    const shown = Array.from({ length: 8 }, (_, index) => `192.0.2.${index}:1`).join(', ')
    expect(bencoded({ peers })).toEqual([`peers: 11: ${shown}, and 3 more (list)`])
    expect(bencoded({ peers: [7, 'x', []] })).toEqual(['peers: 3: 7, "x", (list) (list)'])
  })

  it('is told with its refusal, its pause and what follows it', () => {
    const refusal = { 'failure reason': Buffer.from('no\x1b[31m'), 'retry in': 5 }
    expect(bencoded(refusal, '<!-- 3 ms -->')).toEqual([
      'failure reason: no\x1b[31m',
      'retry in: 5 min',
      '(behind it): <!-- 3 ms -->',
    ])
  })

  it('is cut after 40 keys', () => {
    const many = Object.fromEntries(Array.from({ length: 45 }, (_, index) => [`key${index}`, index]))
    expect(bencoded(many)).toHaveLength(41)
    expect(bencoded(many)?.at(-1)).toBe('…: 5 more')
  })

  it('may be bencode without being a dictionary, or none at all', () => {
    expect(describeBencode(Buffer.from('i7e'))).toEqual({ name: 'integer', fields: [{ name: 'value', value: 7 }] })
    expect(describeBencode(Buffer.from('<html>'))).toBeNull()
    expect(describeBencode(Buffer.from('d8:interval'))).toBeNull()
  })
})

describe('a WebSocket message', () => {
  const told = (text: string) => {
    const description = describeWsMessage(text)
    return description === null ? null : [description.name, ...(lines(description.fields) ?? [])]
  }

  it('is told key by key, bytes in hex', () => {
    const infoHash = Buffer.from('00ff'.repeat(10), 'hex').toString('latin1')
    const message = { action: 'announce', interval: 120, info_hash: infoHash, peer_id: '-TW0100-abcdefghijkl', x: null }
    expect(told(JSON.stringify(message))).toEqual([
      'announce',
      'action: announce',
      'interval: 120 s',
      `info_hash: ${'00ff'.repeat(10)}`,
      'peer_id: -TW0100-abcdefghijkl',
      'x: null',
    ])
  })

  it('is told without what is nested in it', () => {
    expect(told('{"offer":{"type":"offer","sdp":"v=0"},"offers":[1,2]}')).toEqual([
      'message',
      'offer: 2: type, sdp (object)',
      'offers: 2 (items)',
    ])
    expect(told('{"failure reason":"no"}')).toEqual(['refusal', 'failure reason: no'])
  })

  it('may be no JSON object', () => {
    expect(['nonsense', '[]', '7', ''].map(told)).toEqual([null, null, null, null])
  })
})

describe('a path with a query', () => {
  it('is told parameter by parameter, the info hash in hex and as it was sent', () => {
    const { path, parameters } = describePath('/announce?passkey=a%20b&info_hash=%00%FFabcdefghijklmnopqr&port=1&x')
    expect(path).toBe('/announce')
    expect(lines(parameters)).toEqual([
      'passkey: a b',
      'info_hash: 00ff6162636465666768696a6b6c6d6e6f707172 (sent as %00%FFabcdefghijklmnopqr)',
      'port: 1',
      'x: ',
    ])
  })

  it('may have no query, and what is no text is bytes', () => {
    expect(describePath('/announce')).toEqual({ path: '/announce', parameters: [] })
    expect(lines(describePath('/?a=%00%ff').parameters)).toEqual(['a: <00ff>'])
  })
})
