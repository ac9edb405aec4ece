import type { Scheme, Tracker } from '../tracker/tracker.js'

/** BEP 34: the owner of a name says in its TXT records where its trackers are, or that it runs none. */
export interface Bep34 {
  /** Where its trackers are, the preferred first, without duplicates. Empty: there are none. */
  readonly entries: readonly Bep34Entry[]
  /** Records that the entries come from, 1 or more. One is what the BEP expects. */
  readonly records: number
}

export interface Bep34Entry {
  /** `tcp` stands for HTTP, HTTPS and WebSocket. */
  readonly protocol: 'udp' | 'tcp'
  /** 1 to 65535. */
  readonly port: number
}

export type Bep34Verdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'denied' }
  /** The record is a complete list, so another port is no place for a tracker. */
  | { readonly kind: 'port_not_listed'; readonly suggested: readonly Bep34Entry[] }

/** Of one record; a record is a stranger's. */
const MAX_ENTRIES = 10
const MAX_PORT = 65_535
const ENTRY = /^(UDP|TCP):([0-9]+)$/
const PROTOCOLS: Readonly<Record<Scheme, Bep34Entry['protocol']>> = {
  udp: 'udp',
  http: 'tcp',
  https: 'tcp',
  ws: 'tcp',
  wss: 'tcp',
}

/**
 * TXT records, each in the chunks that it came in → what they say about trackers. Null where none of them is for
 * BitTorrent. Several that are say together what each says alone.
 */
export function parseBep34(records: readonly (readonly string[])[]): Bep34 | null {
  const lists = records.map((chunks) => chunks.join('').split(' ')).filter(([first]) => first === 'BITTORRENT')
  if (lists.length === 0) return null
  return { entries: distinct(lists.flatMap(entriesOf)), records: lists.length }
}

/** What a record, or that there is none, means for one tracker. */
export function judgeBep34(record: Bep34 | null, { scheme, port }: Pick<Tracker, 'scheme' | 'port'>): Bep34Verdict {
  if (record === null) return { kind: 'allowed' }
  if (record.entries.length === 0) return { kind: 'denied' }
  const protocol = PROTOCOLS[scheme]
  const listed = record.entries.some((entry) => entry.protocol === protocol && entry.port === port)
  return listed ? { kind: 'allowed' } : { kind: 'port_not_listed', suggested: record.entries }
}

/** All other words, "DENY ALL" among them, mean nothing. */
function entriesOf(words: readonly string[]): readonly Bep34Entry[] {
  const entries = words.flatMap((word) => entryOf(word) ?? [])
  return distinct(entries).slice(0, MAX_ENTRIES)
}

function entryOf(word: string): Bep34Entry | null {
  const [, name, digits] = ENTRY.exec(word) ?? []
  const port = Number(digits)
  if (!(port >= 1 && port <= MAX_PORT)) return null
  return { protocol: name === 'UDP' ? 'udp' : 'tcp', port }
}

function distinct(entries: readonly Bep34Entry[]): readonly Bep34Entry[] {
  return [...new Map(entries.map((entry) => [`${entry.protocol}${entry.port}`, entry])).values()]
}
