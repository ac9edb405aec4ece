import { BencodeError, type BencodeLimits, survey } from './bencode-guard.js'
import { latin1 } from './latin1.js'

const DICT = 0x64
const END = 0x65
const COLON = 0x3a

/**
 * The entries of a bencoded dictionary with their values as they stand in the bytes, not decoded: a hash over such a
 * value is the one that everybody gets, whatever the order of its keys. Keys are latin1 text, values are views. Of
 * duplicate keys the first wins. What follows the dictionary is ignored. Throws a BencodeError.
 */
export function rawEntries(bytes: Uint8Array, limits: BencodeLimits): ReadonlyMap<string, Uint8Array> {
  if (bytes.length > 0 && bytes[0] !== DICT) throw new BencodeError('bencode.invalid', 0, 'expected a dictionary')
  // Of all that is wrong, this tells the place. Behind it the parts are known to be whole.
  survey(bytes, limits)
  const entries = new Map<string, Uint8Array>()
  let rest = bytes.subarray(1)
  const take = (): Uint8Array => {
    const taken = rest.subarray(0, survey(rest, limits).end)
    rest = rest.subarray(taken.length)
    return taken
  }
  while (rest[0] !== END) {
    const key = take()
    const name = latin1(key.subarray(key.indexOf(COLON) + 1))
    const value = take()
    if (!entries.has(name)) entries.set(name, value)
  }
  return entries
}
