export interface SizeLimits {
  /** So many records are written without waiting for more. */
  readonly batchSize: number
  /** What a transaction should take of the event loop, ms: a long queue is written in as large ones as fit. */
  readonly turnMs: number
}

/** How much larger than a batch a transaction gets: the larger it is, the fewer states are written per check. */
const MOST_BATCHES = 10

/**
 * How many records a transaction may take after one of `records`, which took `tookMs` with all who were told: as many as
 * fit into `turnMs`, at least `batchSize` and at most twice as many as before. One that was not full and took less says
 * nothing.
 */
export function nextSize(
  size: number,
  { records, tookMs }: { readonly records: number; readonly tookMs: number },
  { batchSize, turnMs }: SizeLimits,
): number {
  if (records < size && tookMs <= turnMs) return size
  const fitting = Math.min(2, turnMs / tookMs) * records
  return Math.round(Math.min(Math.max(fitting, batchSize), batchSize * MOST_BATCHES))
}
