import fc from 'fast-check'

/** What can happen to bytes on their way. Places are shares of the length, so that one damage fits any bytes. */
type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'splice'; readonly at: number; readonly drop: number; readonly add: Uint8Array }
  /** Two neighbours of `width` bytes change places. */
  | { readonly kind: 'swap'; readonly at: number; readonly width: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number; readonly times: number }

export type Damages = readonly Damage[]

/** Pieces that parsers trip over, of all the formats. */
const splinters = ['\r\n', '\0', ':', '-', '99999999999', 'e', 'd', 'l', 'i', '{', '}', '[', '"', '%', '%2', '&', '//']
const more = ['\ud800', '\ufeff', '\u001b[2J', '0:', 'i-0e', 'null', '- ', '  ', '#', '@', '*a', '&a', '9:__proto__']

const at = fc.double({ min: 0, max: 1, noNaN: true })
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 4 }),
  fc.constantFrom(...splinters, ...more).map((text) => new Uint8Array(Buffer.from(text))),
)
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('cut' as const), at }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('splice' as const), at, drop: fc.nat(8), add: piece }) },
  fc.record({ kind: fc.constant('swap' as const), at, width: fc.constantFrom(1, 2, 4, 8, 20) }),
  fc.record({ kind: fc.constant('repeat' as const), at, length: fc.integer({ min: 1, max: 40 }), times: fc.nat(300) }),
)

/** None now and then: what is whole must be understood as well. */
export const damages: fc.Arbitrary<Damages> = fc.array(damage, { maxLength: 3 })

export function damaged(bytes: Uint8Array, made: Damages): Buffer {
  return made.reduce<Buffer>((now, one) => afterDamage(now, one), Buffer.from(bytes))
}

export function damagedText(text: string, made: Damages): string {
  return damaged(Buffer.from(text), made).toString()
}

function afterDamage(bytes: Buffer, one: Damage): Buffer {
  const index = Math.floor(one.at * bytes.length)
  const before = bytes.subarray(0, index)
  switch (one.kind) {
    case 'flip':
      return Buffer.concat([
        before,
        bytes.subarray(index, index + 1).map((byte) => byte ^ (1 << one.bit)),
        bytes.subarray(index + 1),
      ])
    case 'cut':
      return before
    case 'splice':
      return Buffer.concat([before, one.add, bytes.subarray(index + one.drop)])
    case 'swap': {
      const [middle, end] = [index + one.width, index + 2 * one.width]
      return Buffer.concat([before, bytes.subarray(middle, end), bytes.subarray(index, middle), bytes.subarray(end)])
    }
    case 'repeat': {
      const part = bytes.subarray(index, index + one.length)
      return Buffer.concat([
        before,
        ...Array.from({ length: one.times + 1 }, () => part),
        bytes.subarray(index + one.length),
      ])
    }
  }
}
