import { setImmediate } from 'node:timers/promises'
import type Database from 'better-sqlite3'

/** What a turn may take of the event loop, with room for the end of a transaction on a slow disk. */
const TURN_MS = 3

/**
 * Does small things one after the other, as many in a transaction as fit into a turn of the event loop, whatever the
 * machine. Ends after the turn in which `signal` aborts. The last turn is given up too, for the work of an hour may be done
 * in one, and many hours come one after the other.
 */
export async function inTurns<T>(
  client: Database.Database,
  items: Iterable<T>,
  each: (item: T) => void,
  signal?: AbortSignal,
): Promise<void> {
  const left = items[Symbol.iterator]()
  const turn = client.transaction(() => {
    const endAt = performance.now() + TURN_MS
    do {
      const { done, value } = left.next()
      if (done === true) return false
      each(value)
    } while (performance.now() < endAt)
    return true
  })
  let isLeft = true
  while (isLeft && signal?.aborted !== true) {
    isLeft = turn.immediate()
    await setImmediate()
  }
}

/** The same for what only reads: a step of it rests where the turn has lasted long enough. */
export function createRest(): () => Promise<void> {
  let endAt = performance.now() + TURN_MS
  return async () => {
    if (performance.now() < endAt) return
    await setImmediate()
    endAt = performance.now() + TURN_MS
  }
}

/** Repeats something small until it returns false, in turns likewise. */
export function repeatInTurns(client: Database.Database, again: () => boolean, signal: AbortSignal): Promise<void> {
  let isOver = false
  const repeats = function* () {
    while (!isOver) yield
  }
  const once = (): void => {
    isOver = !again()
  }
  return inTurns(client, repeats(), once, signal)
}
