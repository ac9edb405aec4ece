import type Database from 'better-sqlite3'
import type { ProbeResult } from '../../tracker/outcome.js'
import { bracketed, parseTracker, type Tracker } from '../../tracker/tracker.js'
import type { SeenAddress } from '../seen-address.js'
import type { RelatedTracker } from '../store.js'
import { createSights, type Sight } from './sights.js'

/** A name that points somewhere else at every check must not fill the disk: the one not seen for longest makes way. */
const MOST_PER_TRACKER = 256
/** Rows at a time: a ms or two, however many addresses there are. */
const ROWS_PER_SLICE = 300

/** Where trackers were probed. */
export interface Addresses {
  /** Notes the addresses of a check; a statement is run for what is new, and now and then. Inside a transaction of the caller. */
  note(trackerId: number, probes: readonly ProbeResult[], at: Date): void
  /** Adds what another store has noted and returns whether that is news. Inside a transaction of the caller. */
  add(trackerId: number, seen: SeenAddress): boolean
  /** Writes some of what the file lacks, in one transaction. Returns whether there is more. */
  flush(): boolean
  /** Forgets what a transaction that was rolled back has left in memory. */
  forget(): void
  of(trackerId: number): readonly SeenAddress[]
  /** Those at which the tracker was seen in `[from, to]`, as far as the file knows. */
  between(trackerId: number, from: Date, to: Date): readonly string[]
  related(trackerId: number, tracker: Tracker): readonly RelatedTracker[]
}

export function createAddresses(client: Database.Database): Addresses {
  const sights = createSights()
  const put = preparePut(client)
  const all = client
    .prepare<[number], [string, number, number, number]>(
      `SELECT address, family, first_seen_ms, last_seen_ms FROM address WHERE tracker_id = ?
       ORDER BY address`,
    )
    .raw()
  const between = client
    .prepare<[number, number, number], string>(
      'SELECT address FROM address WHERE tracker_id = ? AND first_seen_ms <= ? AND last_seen_ms >= ?',
    )
    .pluck()
  const write = client.transaction((slice: readonly Sight[]) => {
    for (const { trackerId, address, family, seenMs } of slice) {
      const seen = new Date(seenMs)
      put(trackerId, { address, family, firstSeen: seen, lastSeen: seen })
    }
  })
  return {
    note(trackerId, probes, at) {
      const atMs = at.getTime()
      for (const { address, family } of probes) {
        if (sights.note(trackerId, address, atMs)) continue
        const gone = put(trackerId, { address, family, firstSeen: at, lastSeen: at }) ?? []
        sights.written({ trackerId, address, family }, atMs)
        if (gone.length > 0) sights.gone(trackerId, gone)
      }
    },
    add(trackerId, seen) {
      const gone = put(trackerId, seen)
      return gone !== null && !gone.includes(seen.address)
    },
    flush() {
      const slice = sights.unwritten(ROWS_PER_SLICE)
      if (slice.length > 0) write.immediate(slice)
      for (const sight of slice) sights.written(sight, sight.seenMs)
      return slice.length === ROWS_PER_SLICE
    },
    forget: sights.forget,
    of: (trackerId) =>
      all
        .all(trackerId)
        .map(([address, family, firstMs, lastMs]): SeenAddress => {
          const lastSeen = new Date(Math.max(lastMs, sights.lastMs(trackerId, address)))
          return { address, family: family === 6 ? 6 : 4, firstSeen: new Date(firstMs), lastSeen }
        })
        .toSorted(byLastSeen),
    between: (trackerId, from, to) => between.all(trackerId, to.getTime(), from.getTime()),
    related: prepareRelated(client),
  }
}

/** Returns the addresses that made way, it may be this one itself; null where nothing is new. */
type Put = (trackerId: number, seen: SeenAddress) => readonly string[] | null

function preparePut(client: Database.Database): Put {
  const update = client.prepare<[number, number, number, string, number, number]>(
    `UPDATE address SET first_seen_ms = min(first_seen_ms, ?), last_seen_ms = max(last_seen_ms, ?)
     WHERE tracker_id = ? AND address = ? AND (first_seen_ms > ? OR last_seen_ms < ?)`,
  )
  const insert = client.prepare<[number, string, number, number, number]>(
    'INSERT INTO address VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const trim = client
    .prepare<[number, number], string>(
      `DELETE FROM address WHERE tracker_id = ? AND address IN
         (SELECT address FROM address WHERE tracker_id = ? ORDER BY last_seen_ms DESC, address LIMIT -1 OFFSET ${MOST_PER_TRACKER})
       RETURNING address`,
    )
    .pluck()
  return (trackerId, { address, family, firstSeen, lastSeen }) => {
    const [firstMs, lastMs] = [firstSeen.getTime(), lastSeen.getTime()]
    if (update.run(firstMs, lastMs, trackerId, address, firstMs, lastMs).changes > 0) return []
    if (insert.run(trackerId, address, family, firstMs, lastMs).changes === 0) return null
    return trim.all(trackerId, trackerId)
  }
}

function prepareRelated(client: Database.Database): Addresses['related'] {
  const hasHost = client
    .prepare<[number, string], [number, string, number | null]>(
      'SELECT id, url, archived_at_ms FROM tracker WHERE id <> ? AND instr(url, ?) > 0',
    )
    .raw()
  const shares = client
    .prepare<[number, number], [number, string, number | null, string]>(
      `SELECT tracker.id, url, archived_at_ms, other.address FROM address AS own
       JOIN address AS other ON other.address = own.address JOIN tracker ON tracker.id = other.tracker_id
       WHERE own.tracker_id = ? AND other.tracker_id <> ? ORDER BY other.address`,
    )
    .raw()
  return (trackerId, { host }) => {
    const found = new Map<number, RelatedTracker & { readonly addresses: string[] }>()
    for (const [id, url, archivedMs] of hasHost.all(trackerId, bracketed(host))) {
      if (parseTracker(url).tracker?.host !== host) continue
      found.set(id, { url, watched: archivedMs === null, sameHost: true, addresses: [] })
    }
    for (const [id, url, archivedMs, address] of shares.all(trackerId, trackerId)) {
      const known = found.get(id) ?? { url, watched: archivedMs === null, sameHost: false, addresses: [] }
      known.addresses.push(address)
      found.set(id, known)
    }
    return [...found.values()].toSorted(byCloseness)
  }
}

function byLastSeen(one: SeenAddress, other: SeenAddress): number {
  return other.lastSeen.getTime() - one.lastSeen.getTime()
}

function byCloseness(one: RelatedTracker, other: RelatedTracker): number {
  return (
    Number(other.sameHost) - Number(one.sameHost) ||
    other.addresses.length - one.addresses.length ||
    (one.url < other.url ? -1 : 1)
  )
}
