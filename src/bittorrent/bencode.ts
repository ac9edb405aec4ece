/**
 * Bencode (BEP 3) of a stranger. The `bencode` package does the decoding but must not see such bytes as they come: five
 * of them (`l-3:e`) exhaust the memory, a key `__proto__` replaces a prototype, distinct keys collide, duplicate keys
 * and large integers get lost. So the work is split:
 *
 * 1. `survey` walks the bytes once and rejects whatever is not bencode within our bounds.
 * 2. The package decodes a copy in which every `d` has become an `l`. Keys then come back as plain byte strings among
 *    the items, and none of its dictionary code runs.
 * 3. `rebuild` pairs the items of former dictionaries up again, and puts back the integers that a double cannot hold.
 */
import bencode from 'bencode'
import type { Flag } from '../tracker/outcome.js'
import { type Survey, survey } from './bencode-guard.js'
import { latin1 } from './latin1.js'

export { BencodeError } from './bencode-guard.js'

/** Keys are the latin1 text of their bytes: one character per byte, nothing lost, nothing merged. */
export type BencodeDict = ReadonlyMap<string, BencodeValue>
export type BencodeList = readonly BencodeValue[]
/** A byte string is a copy: keeping it does not keep the body it came in. An integer is a bigint beyond 2^53 − 1. */
export type BencodeValue = number | bigint | Uint8Array | BencodeList | BencodeDict

export interface DecodedBencode {
  readonly value: BencodeValue
  /** Soft issues: `bencode.duplicate_key`, `bencode.noncanonical_int`, `bencode.unsorted`. */
  readonly notes: readonly Flag[]
  /** Offset behind the value; what follows is up to the caller. */
  readonly end: number
}

/**
 * Decodes the first value. Of duplicate keys the first wins. At most 1 MiB, 100,000 tokens, 32 levels, 20 digits;
 * otherwise, and for anything that is not bencode, throws a BencodeError.
 */
export function decodeBencode(bytes: Uint8Array): DecodedBencode {
  const found = survey(bytes)
  const notes = new Set<Flag>()
  if (found.noncanonical) notes.add('bencode.noncanonical_int')
  const value = rebuild(decodeAsLists(bytes, found), found, notes)
  return { value, notes: [...notes], end: found.end }
}

const LIST = 0x6c

type Lists = ReturnType<typeof bencode.decode>

function decodeAsLists(bytes: Uint8Array, found: Survey): Lists {
  const copy = Uint8Array.from(bytes.subarray(0, found.end))
  for (const { at } of found.containers) copy[at] = LIST
  try {
    return bencode.decode(copy)
  } finally {
    bencode.decode.data = null
  }
}

/** Both sides are in the order of the bytes, so the survey's notes on containers and integers are taken one by one. */
function rebuild(root: Lists, found: Survey, notes: Set<Flag>): BencodeValue {
  const containers = found.containers.values()
  const bigInts = found.bigInts.values()

  function build(item: Lists): BencodeValue {
    // Adding 0 turns the package's -0 into 0.
    if (typeof item === 'number') return Number.isSafeInteger(item) ? item + 0 : taken(bigInts.next())
    if (item instanceof Uint8Array) return item
    return taken(containers.next()).isDict ? pairUp(item.map(build), notes) : item.map(build)
  }

  return build(root)
}

function pairUp(items: BencodeList, notes: Set<Flag>): BencodeDict {
  const dict = new Map<string, BencodeValue>()
  let previous = ''
  for (let index = 0; index + 1 < items.length; index += 2) {
    const [keyBytes, value] = items.slice(index, index + 2)
    if (!(keyBytes instanceof Uint8Array) || value === undefined) throw outOfStep()
    const key = latin1(keyBytes)
    if (key < previous) notes.add('bencode.unsorted')
    previous = key
    if (dict.has(key)) notes.add('bencode.duplicate_key')
    else dict.set(key, value)
  }
  return dict
}

function taken<T>(result: IteratorResult<T, unknown>): T {
  if (result.done === true) throw outOfStep()
  return result.value
}

function outOfStep(): Error {
  return new Error('bencode package and survey disagree about the structure')
}
