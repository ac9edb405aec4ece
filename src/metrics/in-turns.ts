import { setImmediate } from 'node:timers/promises'

/** What the rendering of a page may take of the event loop at once, ms: probes are measured on it. */
const TURN_MS = 3

/** The same as `map`, with the event loop free between where there are many. */
export async function mapInTurns<Item, Made>(
  items: readonly Item[],
  make: (item: Item) => Made,
): Promise<readonly Made[]> {
  const made: Made[] = []
  let turnBegan = performance.now()
  for (const item of items) {
    made.push(make(item))
    if (performance.now() - turnBegan < TURN_MS) continue
    await setImmediate()
    turnBegan = performance.now()
  }
  return made
}
