import { createHash } from 'node:crypto'

/** What a feed says, in whichever format. The texts are plain text, of strangers too: each format escapes them. */
export interface Feed {
  /** Permanent: a URI that stays the same for this feed, see `permanentId`. */
  readonly id: string
  readonly title: string
  /** Of its newest entry; of an empty feed any fixed moment, so that the same content is the same bytes. */
  readonly updated: Date
  /** Absolute URL of the feed itself. */
  readonly self: string
  /** Absolute URL of the page that shows the same. */
  readonly home: string
  /** Newest first. */
  readonly entries: readonly FeedEntry[]
}

export interface FeedEntry {
  /** Permanent and unlike any other: readers tell by it what they have seen. */
  readonly id: string
  readonly title: string
  readonly published: Date
  /** Moves when the entry has something new to say. */
  readonly updated: Date
  readonly summary: string
  /** Absolute URL of the page about it. */
  readonly url: string
}

/** Where a feed without entries stands in time. */
const BEGINNING = new Date(0)

/** When the newest of the entries last changed. */
export function updatedOf(entries: readonly Pick<FeedEntry, 'updated'>[]): Date {
  const newestMs = Math.max(BEGINNING.getTime(), ...entries.map(({ updated }) => updated.getTime()))
  return new Date(newestMs)
}

/**
 * The same URI for the same parts wherever the feed is served, so that a move to another address repeats nothing: a UUID
 * of version 8 (RFC 9562) made of a hash, so that no part can be read from it.
 */
export function permanentId(...parts: readonly string[]): string {
  const bytes = createHash('sha256').update(parts.join('\n')).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const uuid = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return `urn:uuid:${uuid}`
}
