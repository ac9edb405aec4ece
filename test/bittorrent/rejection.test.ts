import { describe, expect, it } from 'vitest'
import { classifyRejection, refusalOf, sanitiseText } from '../../src/bittorrent/rejection.js'

describe('classifyRejection', () => {
  it.each([
    ['Invalid passkey', 'auth'],
    ['Authentication failed', 'auth'],
    ['Unauthorized', 'auth'],
    ['please log in: bad login', 'auth'],
    ['Unregistered torrent', 'not_registered'],
    ['Torrent not registered with this tracker.', 'not_registered'],
    ['Requested download is not authorized for use with this tracker.', 'not_registered'],
    ['info_hash not found', 'not_registered'],
    ['Torrent is not whitelisted', 'not_registered'],
    ['unknown info_hash', 'not_registered'],
    ['Your client is not supported', 'client_banned'],
    ['user-agent banned', 'client_banned'],
    ['Too many requests', 'rate_limited'],
    ['slow down!', 'rate_limited'],
    ['Please wait 30 minutes', 'rate_limited'],
    ['Tracker overloaded', 'overloaded'],
    ['Down for MAINTENANCE', 'overloaded'],
    ['temporarily unavailable', 'overloaded'],
    ['Missing upload', 'bad_request'],
    ["Port can't be 0", 'bad_request'],
    ['invalid event', 'bad_request'],
    ['Connection ID missmatch.', 'conn_id'],
    ['bad connection ID', 'conn_id'],
    ['nope', 'other'],
    ['contact support', 'other'],
    ['(empty)', 'other'],
  ])('takes "%s" for %s', (message, expected) => {
    expect(classifyRejection(message)).toBe(expected)
  })
})

describe('sanitiseText', () => {
  it.each([
    ['a colour', '\x1b[31mred\x1b[0m alert', 'red alert'],
    ['line breaks', 'one\r\ntwo\tthree', 'one two three'],
    ['a lone escape', '\x1bc reset', 'c reset'],
    ['a C1 control', 'a\x9b31mb', 'a31mb'],
    ['NUL and white space at the end', ' banned \0\0 ', 'banned'],
    ['text that runs backwards', 'abc\u202etxt.exe', 'abctxt.exe'],
    ['nothing', '', '(empty)'],
    ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
  ])('removes %s', (_, given, expected) => {
    expect(sanitiseText(given)).toBe(expected)
  })

  it('decodes bytes as UTF-8, lossily', () => {
    expect(sanitiseText(Buffer.from('é'))).toBe('é')
    expect(sanitiseText(Buffer.from([0xcf, 0xf0, 0xe8]))).toBe('\ufffd\ufffd\ufffd')
  })

  it('cuts at 200 characters and not through a character', () => {
    expect(sanitiseText('x'.repeat(5000))).toHaveLength(200)
    expect(sanitiseText(`${'x'.repeat(199)}😀`)).toBe('x'.repeat(199))
  })
})

describe('refusalOf', () => {
  it('classifies the text that is left', () => {
    expect(refusalOf(Buffer.from('ban\0ned'), ['bencode.unsorted'], 60)).toEqual({
      kind: 'refused',
      code: 'client_banned',
      message: 'banned',
      flags: ['bencode.unsorted'],
      retryAfterS: 60,
    })
  })

  it('keeps the first 200 bytes of what is not UTF-8, in hex', () => {
    expect(refusalOf(Buffer.from('cde5f2', 'hex'))).toMatchObject({
      message: '\ufffd\ufffd\ufffd',
      rawMessageHex: 'cde5f2',
    })
    expect(refusalOf(Buffer.alloc(1000, 0xe9)).rawMessageHex).toBe('e9'.repeat(200))
    for (const text of [Buffer.from('Нет'), 'Нет', Buffer.alloc(0)])
      expect(refusalOf(text)).not.toHaveProperty('rawMessageHex')
  })
})
