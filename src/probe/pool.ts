import { type AbortSignalLike, linkSignal } from './deadline.js'

/**
 * Runs `work` for each item, at most `concurrency` at once, in order. When one fails, no more are started; it rejects
 * only after all that were started have ended. `work` gets a signal that follows `signal`.
 */
export async function forEachPooled<T>(
  items: Iterable<T>,
  concurrency: number,
  signal: AbortSignalLike,
  work: (item: T, signal: AbortSignalLike) => Promise<void>,
): Promise<void> {
  const linked = linkSignal(signal)
  const iterator = items[Symbol.iterator]()
  const failures: unknown[] = []
  const worker = async (): Promise<void> => {
    while (failures.length === 0) {
      const next = iterator.next()
      if (next.done === true) break
      try {
        await work(next.value, linked.signal)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  linked.unlink()
  if (failures.length > 0) throw failures[0]
}

/** All values, or the first error; but only once every promise has settled, so that nothing outlives the caller. */
export async function settleAll<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const [only] = promises
  if (only !== undefined && promises.length === 1) return [await only]
  return (await Promise.allSettled(promises)).map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
}

/** The entries of `map` in the order of `keys`, which they did not arrive in. */
export function inOrderOf<V>(keys: Iterable<string>, map: ReadonlyMap<string, V>): Map<string, V> {
  const ordered = new Map<string, V>()
  for (const key of keys) {
    const value = map.get(key)
    if (value !== undefined) ordered.set(key, value)
  }
  return ordered
}
