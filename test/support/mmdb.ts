/**
 * Writes databases of addresses in the MMDB format 2.0, after its specification: a binary tree over the bits of an
 * address, the records, and the metadata behind a marker. Only what the tests need.
 */

type Value = string | number | { readonly [key: string]: Value } | readonly Value[]

export interface MmdbNetwork {
  /** `192.0.2.0/24`; IPv4 only. */
  readonly network: string
  readonly record: Value
}

const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
const SEPARATOR = Buffer.alloc(16)
const NO_NODE = -1

export function mmdb(networks: readonly MmdbNetwork[]): Buffer {
  const nodes: [Slot, Slot][] = [[NO_NODE, NO_NODE]]
  const records: Buffer[] = []
  for (const { network, record } of networks) {
    const place = { offset: records.reduce((sum, { length }) => sum + length, 0) }
    records.push(encoded(record))
    insert(nodes, bitsOf(network), place)
  }
  const slot = (value: Slot): number => {
    if (typeof value === 'object') return nodes.length + SEPARATOR.length + value.offset
    return value === NO_NODE ? nodes.length : value
  }
  const tree = Buffer.alloc(nodes.length * 6)
  for (const [index, [left, right]] of nodes.entries()) {
    tree.writeUIntBE(slot(left), index * 6, 3)
    tree.writeUIntBE(slot(right), index * 6 + 3, 3)
  }
  const metadata = encoded({
    node_count: nodes.length,
    record_size: 24,
    ip_version: 4,
    database_type: 'Test',
    languages: [],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 0,
    description: {},
  })
  return Buffer.concat([tree, SEPARATOR, ...records, MARKER, metadata])
}

/** The number of the next node, or a record. */
type Slot = number | { readonly offset: number }

function insert(nodes: [Slot, Slot][], bits: readonly (0 | 1)[], place: { readonly offset: number }): void {
  let at = 0
  for (const bit of bits.slice(0, -1)) {
    const node = nodes[at]
    if (node === undefined) throw new Error('no such node')
    if (node[bit] === NO_NODE) node[bit] = nodes.push([NO_NODE, NO_NODE]) - 1
    const next = node[bit]
    if (typeof next !== 'number') throw new Error('networks overlap')
    at = next
  }
  const [last, node] = [bits.at(-1), nodes[at]]
  if (last !== undefined && node !== undefined) node[last] = place
}

function bitsOf(network: string): readonly (0 | 1)[] {
  const [address = '', length = '32'] = network.split('/')
  const bits = address.split('.').flatMap((byte) => [...Number(byte).toString(2).padStart(8, '0')])
  return bits.slice(0, Number(length)).map((bit) => (bit === '1' ? 1 : 0))
}

function encoded(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([control(6, 4), bytes])
  }
  if (Array.isArray(value)) return Buffer.concat([extended(11, value.length), ...value.map(encoded)])
  const entries = Object.entries(value)
  return Buffer.concat([control(7, entries.length), ...entries.flatMap(([key, of]) => [encoded(key), encoded(of)])])
}

/** Type in three bits, length in five; longer ones say so and follow. */
function control(type: number, length: number): Buffer {
  return length < 29 ? Buffer.from([(type << 5) | length]) : Buffer.from([(type << 5) | 29, length - 29])
}

function extended(type: number, length: number): Buffer {
  return Buffer.from([length, type - 7])
}
