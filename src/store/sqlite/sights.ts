import { HOUR_MS } from '../../tracker/time.js'

/** Beyond this many, the memory starts afresh. */
const REMEMBERED_TRACKERS = 20_000
/** How far the file may lag behind: nearly every check goes where the one before went. */
const LAG_MS = 6 * HOUR_MS

/** An address at which a tracker was seen. */
export interface Sight {
  readonly trackerId: number
  readonly address: string
  readonly family: 4 | 6
  /** Until when the file knows of it. */
  writtenMs: number
  seenMs: number
}

/** When trackers were last seen at addresses that the file has, where it need not be told of every time. */
export interface Sights {
  /** Returns false where the file is to be told, and `written` to be called. */
  note(trackerId: number, address: string, atMs: number): boolean
  written(sight: Pick<Sight, 'trackerId' | 'address' | 'family'>, atMs: number): void
  /** Addresses that the file has no longer. */
  gone(trackerId: number, addresses: readonly string[]): void
  /** What is known here; the file may know of a later time. */
  lastMs(trackerId: number, address: string): number
  /** Some of what the file lacks. */
  unwritten(limit: number): readonly Sight[]
  forget(): void
}

export function createSights(): Sights {
  const sights = new Map<number, readonly Sight[]>()
  const find = (trackerId: number, address: string): Sight | undefined => {
    for (const sight of sights.get(trackerId) ?? []) if (sight.address === address) return sight
    return undefined
  }
  return {
    note(trackerId, address, atMs) {
      const sight = find(trackerId, address)
      if (sight === undefined || atMs < sight.writtenMs || atMs >= sight.writtenMs + LAG_MS) return false
      if (atMs > sight.seenMs) sight.seenMs = atMs
      return true
    },
    written({ trackerId, address, family }, atMs) {
      const known = find(trackerId, address)
      if (known !== undefined) {
        known.writtenMs = atMs
        known.seenMs = Math.max(known.seenMs, atMs)
        return
      }
      const others = sights.get(trackerId) ?? []
      if (others.length === 0 && sights.size >= REMEMBERED_TRACKERS) sights.clear()
      sights.set(trackerId, [...others, { trackerId, address, family, writtenMs: atMs, seenMs: atMs }])
    },
    gone(trackerId, addresses) {
      const left = sights.get(trackerId)?.filter(({ address }) => !addresses.includes(address))
      if (left !== undefined) sights.set(trackerId, left)
    },
    lastMs: (trackerId, address) => find(trackerId, address)?.seenMs ?? Number.NEGATIVE_INFINITY,
    unwritten(limit) {
      const found: Sight[] = []
      for (const all of sights.values()) {
        for (const sight of all) {
          if (found.length === limit) return found
          if (sight.seenMs > sight.writtenMs) found.push(sight)
        }
      }
      return found
    },
    forget: () => sights.clear(),
  }
}
