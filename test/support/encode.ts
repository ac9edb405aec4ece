/**
 * A second encoder, written from the BEPs and independent of src/bittorrent: scripted trackers answer with it, and
 * tests compare our codecs to it.
 */

/** A row of a scrape reply in the order of the wire (BEP 15). */
export interface ScrapeRow {
  readonly seeders: number
  readonly completed: number
  readonly leechers: number
}

export const udp = {
  connectReply(transactionId: number, connectionId: Uint8Array): Buffer {
    return Buffer.concat([uint32(0), uint32(transactionId), connectionId])
  },

  announceReply(
    transactionId: number,
    body: { interval: number; leechers: number; seeders: number; peers: Buffer },
  ): Buffer {
    const { interval, leechers, seeders, peers } = body
    const numbers = [1, transactionId, interval, leechers, seeders].map(uint32)
    return Buffer.concat([...numbers, peers])
  },

  scrapeReply(transactionId: number, rows: readonly ScrapeRow[]): Buffer {
    const numbers = rows.flatMap((row) => [row.seeders, row.completed, row.leechers])
    return Buffer.concat([2, transactionId, ...numbers].map(uint32))
  },

  errorReply(transactionId: number, text: string | Uint8Array): Buffer {
    return Buffer.concat([uint32(3), uint32(transactionId), typeof text === 'string' ? Buffer.from(text) : text])
  },
}

/** Compact peers: `compactPeers('192.0.2.1:6881', '198.51.100.7:80')` are 12 bytes. */
export function compactPeers(...peers: readonly string[]): Buffer {
  return Buffer.concat(
    peers.map((peer) => {
      const [address = '', port = ''] = peer.split(':')
      return Buffer.concat([Buffer.from(address.split('.').map(Number)), uint16(Number(port))])
    }),
  )
}

/** One compact IPv6 peer of 18 bytes: 32 hex digits and a port. */
export function compactPeer6(addressHex: string, port: number): Buffer {
  return Buffer.concat([Buffer.from(addressHex, 'hex'), uint16(port)])
}

export type Bencodable =
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Bencodable[]
  | { readonly [key: string]: Bencodable }

/** Canonical bencode. Strings are UTF-8; keys are latin1, one character per byte, and get sorted. */
export function bencodeText(value: Bencodable): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint') return Buffer.from(`i${value}e`)
  if (typeof value === 'string') return byteString(Buffer.from(value))
  if (value instanceof Uint8Array) return byteString(value)
  if (isList(value)) return Buffer.concat([Buffer.from('l'), ...value.map(bencodeText), Buffer.from('e')])
  const pairs = Object.entries(value)
    .map(([key, item]) => [Buffer.from(key, 'latin1'), item] as const)
    .sort(([a], [b]) => Buffer.compare(a, b))
    .flatMap(([key, item]) => [byteString(key), bencodeText(item)])
  return Buffer.concat([Buffer.from('d'), ...pairs, Buffer.from('e')])
}

function isList(value: object): value is readonly Bencodable[] {
  return Array.isArray(value)
}

function byteString(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length}:`), bytes])
}

function uint32(value: number): Buffer {
  return Buffer.from((value >>> 0).toString(16).padStart(8, '0'), 'hex')
}

function uint16(value: number): Buffer {
  return Buffer.from(value.toString(16).padStart(4, '0'), 'hex')
}
