import type { Io } from './io.js'

/** How far the work is, on the terminal. */
export interface Progress {
  /** One more is done; `show` prints its result without the bar in the way. */
  readonly step: (show: () => void) => void
  readonly stop: () => void
}

/** Fewer are done before a bar could be read. */
const MIN_TOTAL = 10
const NONE: Progress = { step: (show) => show(), stop: () => {} }

/** A bar on stderr, if that is a terminal and there is enough to do. */
export async function startProgress(io: Io, total: number): Promise<Progress> {
  if (!io.isTTY.stderr || total < MIN_TOTAL) return NONE
  const { SingleBar } = await import('cli-progress')
  const bar = new SingleBar({
    stream: io.stderr,
    format: '{bar} {value}/{total} · {duration} s',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    clearOnComplete: true,
    // Results may have been printed over it, so it is drawn even where it has not changed.
    forceRedraw: true,
    // Off would have the terminal cut the lines of results too.
    linewrap: true,
  })
  bar.start(total, 0)
  return {
    step: (show) => {
      io.stderr.write('\r\x1b[K')
      show()
      bar.increment()
      bar.render()
    },
    stop: () => {
      // The bar ends by going back to where it stored the cursor, which by now is the line of some result.
      io.stderr.write('\r\x1b7')
      bar.stop()
    },
  }
}
