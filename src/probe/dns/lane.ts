/** Runs name queries such that neither a burst nor dead names hurt the living. */
export type DnsLane = <T>(query: () => Promise<T>) => Promise<T>

/** Queries that may be fresh at once. c-ares holds 256 answers in its socket; a burst beyond that loses some. */
const FRESH_LIMIT = 100
/** A query older than this waits apart and gives its place to the next. Living names have mostly answered by then. */
const FRESH_MS = 40

/**
 * A cap on queries in flight would let dead names, which take seconds each, starve the living; no cap loses answers.
 * So only fresh queries count: a place is free again on the answer or after `FRESH_MS`, whichever comes first.
 */
export function createDnsLane(): DnsLane {
  const waiting: (() => void)[] = []
  let head = 0
  let fresh = 0
  const next = (): void => {
    const start = waiting[head]
    if (start === undefined) {
      waiting.length = 0
      head = 0
      return
    }
    head++
    start()
  }
  return async (query) => {
    if (fresh >= FRESH_LIMIT) await new Promise<void>((resolve) => waiting.push(resolve))
    fresh++
    let holdsPlace = true
    const release = (): void => {
      if (!holdsPlace) return
      holdsPlace = false
      fresh--
      next()
    }
    const timer = setTimeout(release, FRESH_MS)
    try {
      return await query()
    } finally {
      clearTimeout(timer)
      release()
    }
  }
}
