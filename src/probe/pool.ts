import { linkSignal } from './deadline.js'

/**
 * Runs `work` for each item, at most `concurrency` at once, in order. When one fails, no more are started; it rejects
 * only after all that were started have ended. `work` gets a signal that follows `signal`.
 */
export async function forEachPooled<T>(
  items: Iterable<T>,
  concurrency: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  // One step away from the caller's signal, which may warn of that many listeners.
  const pool = linkSignal(signal)
  const iterator = items[Symbol.iterator]()
  const failures: unknown[] = []
  const worker = async (): Promise<void> => {
    const own = linkSignal(pool.signal)
    while (failures.length === 0) {
      const next = iterator.next()
      if (next.done === true) break
      try {
        await work(next.value, own.signal)
      } catch (error) {
        failures.push(error)
      }
    }
    own.unlink()
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  pool.unlink()
  if (failures.length > 0) throw failures[0]
}

/** The entry of `key`, or none: for a map in an order that its values did not arrive in. */
export function entryOf<V>(map: ReadonlyMap<string, V>, key: string): readonly (readonly [string, V])[] {
  const value = map.get(key)
  return value === undefined ? [] : [[key, value]]
}
