/** How long a state waits for further checks of its tracker. */
const SETTLE_MS = 1000

/** Has what waits written after a moment, for whoever reads the file beside us. To be called whenever there may be something. */
export function createSettling(isEmpty: () => boolean, settle: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | null = null
  return () => {
    if (timer !== null || isEmpty()) return
    timer = setTimeout(() => {
      timer = null
      settle().catch(() => {}) // it waits on, and whoever records the next checks is told what the file lacks
    }, SETTLE_MS).unref()
  }
}
