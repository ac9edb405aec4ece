/** Memory at one moment of the soak, garbage collected just before. */
export interface Sample {
  readonly elapsedMs: number
  /** Checks that had ended. */
  readonly checks: number
  readonly rssBytes: number
  /** JavaScript objects and the buffers that belong to them. */
  readonly heapBytes: number
}

export interface Trend {
  /** Of the first and last tenth of the samples that count, medians. */
  readonly fromBytes: number
  readonly toBytes: number
  /** By the slope of the samples that count, over all of them. */
  readonly grownBytes: number
  readonly bytesPerCheck: number
}

/** Caches fill and code is compiled: what comes before does not count. */
const WARM_UP_SHARE = 0.25

/**
 * How memory moves once warm: the median of the slopes between all pairs (Theil–Sen), which a few samples that caught
 * memory at a bad moment do not bend.
 */
export function trendOf(samples: readonly Sample[], what: 'rssBytes' | 'heapBytes'): Trend {
  const warm = samples.slice(Math.ceil(samples.length * WARM_UP_SHARE))
  const [first, last] = [warm[0], warm.at(-1)]
  if (first === undefined || last === undefined || warm.length < 10) {
    throw new RangeError(`${warm.length} samples, expected at least 10 after the warm-up`)
  }
  const slopes = warm.flatMap((a, index) =>
    warm.slice(index + 1).map((b) => (b[what] - a[what]) / (b.checks - a.checks || 1)),
  )
  const bytesPerCheck = median(slopes)
  const tenth = Math.ceil(warm.length / 10)
  return {
    fromBytes: median(warm.slice(0, tenth).map((sample) => sample[what])),
    toBytes: median(warm.slice(-tenth).map((sample) => sample[what])),
    grownBytes: bytesPerCheck * (last.checks - first.checks),
    bytesPerCheck,
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
