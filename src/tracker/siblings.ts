import type { Entry } from './state.js'

/** More than these are not listed: behind a content network, hundreds of strangers share an address. */
export const MAX_SIBLINGS = 100

/**
 * To each tracker the others of these at the same host, or at an address at which both were probed last: the same service,
 * or run by the same people. By URL, in the order of `entries`, at most `MAX_SIBLINGS`; those without any are left out.
 * The store knows more, one tracker at a time: the addresses of earlier days (see `Store.related`).
 */
export function siblingsOf(entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const places = new Map<string, Entry[]>()
  for (const entry of entries) {
    for (const place of placesOf(entry)) {
      const there = places.get(place)
      if (there === undefined) places.set(place, [entry])
      else there.push(entry)
    }
  }
  const siblings = new Map<string, readonly Entry[]>()
  for (const entry of entries) {
    const found = othersAt(placesOf(entry), places, entry)
    if (found.length > 0) siblings.set(entry.tracker.url, found)
  }
  return siblings
}

function placesOf({ tracker, last }: Entry): ReadonlySet<string> {
  return new Set([tracker.host, ...(last?.probes ?? []).map(({ address }) => address)])
}

function othersAt(
  own: ReadonlySet<string>,
  places: ReadonlyMap<string, readonly Entry[]>,
  entry: Entry,
): readonly Entry[] {
  const others = new Set<Entry>()
  for (const place of own) {
    for (const other of places.get(place) ?? []) {
      if (other !== entry) others.add(other)
      if (others.size === MAX_SIBLINGS) return [...others]
    }
  }
  return [...others]
}
