import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { percentEncodeBytes } from '../../src/bittorrent/http-announce.js'
import { percentDecoded } from '../../src/bittorrent/percent.js'

describe('percent-decoding', () => {
  it.each([
    ['digits of either case', '%7e%7E', [0x7e, 0x7e]],
    ['a byte that is no text', '%ff%00', [0xff, 0x00]],
    ['a plus sign as itself, for it is a space in forms alone', 'a+b', [0x61, 0x2b, 0x62]],
    ['what is no code as it stands', '%4', [0x25, 0x34]],
    ['a percent sign that was encoded once, and no further', '%2541', [0x25, 0x34, 0x31]],
    ['nothing as no bytes', '', []],
  ])('reads %s', (_, text, bytes) => {
    expect([...percentDecoded(text)]).toEqual(bytes)
  })

  it('reads back whatever was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...percentDecoded(percentEncodeBytes(bytes))]).toEqual([...bytes])
      }),
    )
  })
})
