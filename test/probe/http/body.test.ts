import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeContent, MAX_BODY_BYTES } from '../../../src/probe/http/body.js'
import { ProbeError } from '../../../src/probe/prober.js'

const encodings = [
  undefined,
  '',
  'identity',
  'gzip',
  'x-gzip',
  'deflate',
  'br',
  'GZIP',
  'gzip, deflate',
  'zstd',
  ', ,',
  'constructor',
]

describe('the body of an HTTP answer', () => {
  it('is decoded or refused for a reason that we know, whatever bytes come under whatever name', () => {
    const gzipped = fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(gzipSync(bytes)))
    const cut = fc.tuple(gzipped, fc.nat(250)).map(([bytes, length]) => bytes.subarray(0, length))
    const damaged = fc.tuple(gzipped, fc.nat(30), fc.nat(255)).map(([bytes, at, byte]) => bytes.fill(byte, at, at + 1))
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), gzipped, cut, damaged)
    fc.assert(
      fc.property(bytes, fc.constantFrom(...encodings), (given, encoding) => {
        try {
          expect(decodeContent(given, encoding).bytes.length).toBeLessThanOrEqual(MAX_BODY_BYTES)
        } catch (error) {
          expect(error).toBeInstanceOf(ProbeError)
          expect(error).toMatchObject({
            code: expect.stringMatching(/^http\.(?:encoding|unsupported_encoding|too_large)$/),
          })
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('is the same again behind gzip', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (given) => {
        expect(
          Buffer.from(decodeContent(gzipSync(Buffer.concat([Buffer.from('x'), given])), 'gzip').bytes.subarray(1)),
        ).toEqual(Buffer.from(given))
      }),
    )
  })

  it('may be as long as is allowed, decoded, and not longer', () => {
    expect(decodeContent(gzipSync(Buffer.alloc(MAX_BODY_BYTES)), 'gzip').bytes.length).toBe(MAX_BODY_BYTES)
    expect(() => decodeContent(gzipSync(Buffer.alloc(MAX_BODY_BYTES + 1)), 'gzip')).toThrow(
      'more than 1048576 bytes after decoding',
    )
    expect(() => decodeContent(gzipSync(Buffer.alloc(MAX_BODY_BYTES + 1)), undefined)).toThrow('after decoding')
  })

  it('may be compressed a few times, but not as often as a header has room for', () => {
    const times = (count: number): string => Array.from({ length: count }, () => 'gzip').join()
    const twice = gzipSync(gzipSync('x'))
    expect(Buffer.from(decodeContent(twice, times(2)).bytes).toString()).toBe('x')
    expect(() => decodeContent(twice, times(5))).toThrow('5 content encodings, expected at most 4')
  })

  it('under an unknown name is refused with that name', () => {
    expect(() => decodeContent(Buffer.from('x'), 'zstd')).toThrow('content encoding "zstd"')
  })

  it.each(['constructor', '__proto__', 'toString', 'gzip, constructor'])(
    'under %s is refused likewise, though every object knows that name',
    (coding) => {
      expect(() => decodeContent(Buffer.from('x'), coding)).toThrow(ProbeError)
    },
  )
})
