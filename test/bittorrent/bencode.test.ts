import bencode from 'bencode'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BencodeError, type BencodeValue, decodeBencode } from '../../src/bittorrent/bencode.js'

/** A decoded value as plain data: byte strings as latin1 text, dictionaries as lists of pairs. */
function plain(value: BencodeValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (typeof value !== 'object') return value
  return value instanceof Map ? [...value].map(([key, item]) => [key, plain(item)]) : items(value).map(plain)
}

function items(value: object): readonly BencodeValue[] {
  if (Array.isArray(value)) return value
  throw new Error('no list')
}

function decode(text: string): unknown {
  return plain(decodeBencode(Buffer.from(text, 'latin1')).value)
}

function errorOf(input: string): BencodeError {
  try {
    decodeBencode(Buffer.from(input, 'latin1'))
  } catch (error) {
    if (error instanceof BencodeError) return error
    throw error
  }
  throw new Error(`decoded ${input.slice(0, 50)}`)
}

describe('decodeBencode', () => {
  it.each([
    ['i0e', 0],
    ['i-3e', -3],
    ['i1800e', 1800],
    ['0:', ''],
    ['4:sp\xffm', 'sp\xffm'],
    ['le', []],
    ['de', []],
    ['li1e2:abl1:cee', [1, 'ab', ['c']]],
    ['d1:ad1:bi1eee', [['a', [['b', 1]]]]],
  ])('decodes %j', (text, value) => {
    expect(decode(text)).toEqual(value)
  })

  it('gives dictionaries as maps', () => {
    expect(decodeBencode(Buffer.from('d1:ai1ee')).value).toEqual(new Map([['a', 1]]))
  })

  it('says where the first value ends', () => {
    expect(decodeBencode(Buffer.from('d1:ai1ee6:peers60:')).end).toBe(8)
    expect(decodeBencode(Buffer.from('i1e')).end).toBe(3)
  })

  it('keeps integers exact beyond the range of a double', () => {
    expect(decode('li9007199254740991ei9007199254740992ei9007199254740993ei-9007199254740993ee')).toEqual([
      9007199254740991,
      9007199254740992n,
      9007199254740993n,
      -9007199254740993n,
    ])
    expect(decode('i18446744073709551616e')).toBe(2n ** 64n)
    expect(decode('i99999999999999999999e')).toBe(99999999999999999999n)
  })

  it('gives byte strings that hold no more than themselves', () => {
    const body = Buffer.from(`d1:a2:hi1:b1000:${'x'.repeat(1000)}e`)
    const { value } = decodeBencode(body)
    const text = value instanceof Map ? value.get('a') : undefined
    if (!(text instanceof Uint8Array)) throw new Error('no byte string')
    body.fill(0)
    expect(Buffer.from(text).toString()).toBe('hi')
    expect(text.buffer.byteLength).toBe(2)
    expect(bencode.decode.data).toBeNull()
  })
})

describe('keys', () => {
  it('stay what they are where the package would lose or merge them', () => {
    expect(decode('d3:\xef\xbb\xbfi1e4:fffei2e2:\xff\xfei3ee')).toEqual([
      ['\xef\xbb\xbf', 1],
      ['fffe', 2],
      ['\xff\xfe', 3],
    ])
    expect(decode('d11:\xef\xbb\xbfintervali5e8:intervali1800ee')).toEqual([
      ['\xef\xbb\xbfinterval', 5],
      ['interval', 1800],
    ])
  })

  it('keep all 20 bytes of an info hash that happens to be UTF-8', () => {
    const key = '\xc3\xa9'.repeat(10)
    expect(decode(`d20:${key}i1ee`)).toEqual([[key, 1]])
  })

  it.each([['__proto__'], ['constructor'], ['toString']])('named %s are ordinary', (key) => {
    const { value } = decodeBencode(Buffer.from(`d${key.length}:${key}d14:failure reason3:abcee`))
    expect(plain(value)).toEqual([[key, [['failure reason', 'abc']]]])
    expect(Object.getPrototypeOf(value)).toBe(Map.prototype)
  })
})

describe('soft issues', () => {
  it.each([
    ['d1:ai1e1:bi2ee', []],
    ['d1:bi2e1:ai1ee', ['bencode.unsorted']],
    ['d1:ai1e1:ai2ee', ['bencode.duplicate_key']],
    ['d1:ai1e1:bi2e1:ai3ee', ['bencode.unsorted', 'bencode.duplicate_key']],
    ['ld1:bi2e1:ai1eee', ['bencode.unsorted']],
    ['d1:\xffi1e1:ai2ee', ['bencode.unsorted']],
    ['i03e', ['bencode.noncanonical_int']],
    ['i-03e', ['bencode.noncanonical_int']],
    ['i-0e', ['bencode.noncanonical_int']],
    ['03:abc', ['bencode.noncanonical_int']],
    ['i0e', []],
    ['0:', []],
  ])('of %j are %j', (text, notes) => {
    expect(decodeBencode(Buffer.from(text, 'latin1')).notes).toEqual(notes)
  })

  it('do not change the value: the first duplicate wins, zeros are dropped', () => {
    expect(decode('d1:ai1e1:ai2ee')).toEqual([['a', 1]])
    expect(decode('li03ei-03ei-0e03:abce')).toEqual([3, -3, 0, 'abc'])
  })
})

describe('hard errors', () => {
  it.each([
    ['l-3:e', 'invalid', '"-", expected a digit at byte 1'],
    ['d-3:i1ee', 'invalid', '"-", expected a key at byte 1'],
    ['d1:a-3:e', 'invalid', '"-", expected a digit at byte 4'],
    ['-5:hello', 'invalid', '"-", expected a digit at byte 0'],
    ['+3:abc', 'invalid', '"+", expected a digit at byte 0'],
    ['2.9:hello', 'invalid', '".", expected a digit or ":" at byte 1'],
    [':hello', 'invalid', '":", expected a digit at byte 0'],
    ['ie', 'invalid', '"e", expected a digit at byte 1'],
    ['i-e', 'invalid', '"e", expected a digit at byte 2'],
    ['i--1e', 'invalid', '"-", expected a digit at byte 2'],
    ['i+5e', 'invalid', '"+", expected a digit at byte 1'],
    ['i1.5e', 'invalid', '".", expected a digit or "e" at byte 2'],
    ['i 5e', 'invalid', 'byte 0x20, expected a digit at byte 1'],
    ['i0x5e', 'invalid', '"x", expected a digit or "e" at byte 2'],
    ['di1ei2ee', 'invalid', '"i", expected a key at byte 1'],
    ['dlei1ee', 'invalid', '"l", expected a key at byte 1'],
    ['d3:abce', 'invalid', 'key without a value at byte 6'],
    ['e', 'invalid', '"e", expected a digit at byte 0'],
    ['<html>', 'invalid', '"<", expected a digit at byte 0'],
    ['\xef\xbb\xbfde', 'invalid', 'byte 0xef, expected a digit at byte 0'],
    ['99999999999999999999:abc', 'invalid', 'string of more than 1048576 bytes at byte 0'],
    ['100:abc', 'truncated', 'string of 100 bytes with 3 bytes left at byte 0'],
    ['', 'truncated', 'end of input, expected more at byte 0'],
    ['d', 'truncated', 'end of input, expected more at byte 1'],
    ['d8:intervali18', 'truncated', 'end of input, expected more at byte 14'],
    ['d8:interval', 'truncated', 'end of input, expected more at byte 11'],
    ['l1:a', 'truncated', 'end of input, expected more at byte 4'],
    ['12', 'truncated', 'end of input, expected more at byte 2'],
  ])('%j is %s', (text, code, message) => {
    expect(errorOf(text)).toMatchObject({ code: `bencode.${code}`, message })
  })
})

describe('numbers of more than 20 digits', () => {
  it.each([
    ['a length', '9'.repeat(400), 21],
    ['a length of zeros', `${'0'.repeat(400)}:`, 21],
    ['an integer', `i${'1'.repeat(30)}e`, 22],
  ])('are no bencode as %s', (_, text, position) => {
    const message = `number of more than 20 digits at byte ${position}`
    expect(errorOf(text)).toMatchObject({ code: 'bencode.invalid', message })
  })
})

describe('limits', () => {
  it('allow 32 levels', () => {
    expect(decode('l'.repeat(32) + 'e'.repeat(32))).toBeDefined()
    expect(errorOf('l'.repeat(33) + 'e'.repeat(33))).toMatchObject({ code: 'bencode.limit', position: 32 })
  })

  it('stop at a million nested lists without a stack overflow', () => {
    expect(errorOf('l'.repeat(1_000_000))).toMatchObject({ code: 'bencode.limit', position: 32 })
  })

  it('allow 100,000 tokens', () => {
    expect(decode(`l${'0:'.repeat(99_998)}e`)).toHaveLength(99_998)
    expect(errorOf(`l${'0:'.repeat(100_000)}e`).code).toBe('bencode.limit')
    expect(errorOf(`l${'0:'.repeat(524_000)}e`).code).toBe('bencode.limit')
  })

  it('allow 1 MiB', () => {
    const size = 1024 * 1024
    expect(decode(`${size - 8}:${'x'.repeat(size - 8)}`)).toHaveLength(size - 8)
    expect(errorOf(`i1e${' '.repeat(size)}`).code).toBe('bencode.limit')
  })
})

type Model = bigint | Uint8Array | readonly Model[] | ReadonlyMap<string, Model>

/** Canonical bencode, written for this test. */
function encode(value: Model): string {
  if (typeof value === 'bigint') return `i${value}e`
  if (value instanceof Uint8Array) return `${value.length}:${Buffer.from(value).toString('latin1')}`
  if (value instanceof Map) {
    const sorted = [...value].sort(([a], [b]) => (a < b ? -1 : 1))
    return `d${sorted.map(([key, item]) => `${key.length}:${key}${encode(item)}`).join('')}e`
  }
  return `l${list(value).map(encode).join('')}e`
}

function list(value: object): readonly Model[] {
  if (Array.isArray(value)) return value
  throw new Error('no list')
}

/** What was decoded, with every integer as bigint. */
function toModel(value: BencodeValue): Model {
  if (typeof value === 'number') return BigInt(value)
  if (typeof value === 'bigint' || value instanceof Uint8Array) return value
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, toModel(item)]))
  return items(value).map(toModel)
}

const key = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'interval', '0', '1', 'fffe', '\xff\xfe', '\xef\xbb\xbf'),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
)
const canonical = fc.letrec<{ value: Model }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.bigInt({ min: -(10n ** 20n - 1n), max: 10n ** 20n - 1n }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map((pairs) => new Map(pairs)),
  ),
})).value

/** Bytes that come close to bencode more often than random ones. */
const almost = fc
  .array(fc.constantFrom('d', 'l', 'i', 'e', '-', '0', '1', '3', '9', ':', '1:a', 'i1e', '9:__proto__', '\xff', ' '))
  .map((parts) => parts.join(''))

describe('for any input', () => {
  it('canonical bencode decodes without a note and re-encodes to the same bytes', () => {
    fc.assert(
      fc.property(canonical, (model) => {
        const text = encode(model)
        const { value, notes, end } = decodeBencode(Buffer.from(text, 'latin1'))
        expect({ text: encode(toModel(value)), notes, end }).toEqual({ text, notes: [], end: text.length })
      }),
      { numRuns: 500 },
    )
  })

  it('any bytes give a value or a BencodeError', () => {
    const any = fc.oneof(
      almost.map((text) => Buffer.from(text, 'latin1')),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    )
    fc.assert(
      fc.property(any, (bytes) => {
        try {
          expect(decodeBencode(bytes).end).toBeLessThanOrEqual(bytes.length)
        } catch (error) {
          expect(error).toBeInstanceOf(BencodeError)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('a cut through canonical bencode is truncated', () => {
    fc.assert(
      fc.property(canonical, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (model, share) => {
        const text = encode(model)
        expect(errorOf(text.slice(0, Math.floor(share * text.length))).code).toBe('bencode.truncated')
      }),
      { numRuns: 500 },
    )
  })
})
