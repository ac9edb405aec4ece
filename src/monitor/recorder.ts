import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { CheckRecord, Store } from '../store/store.js'
import { nextSize, type SizeLimits } from './batch-size.js'
import type { Logger } from './log.js'
import { createNarrowing, isRefusal, type Refused, refusalFields } from './narrowing.js'

export interface RecorderLimits extends SizeLimits {
  /** The longest that a record waits for company, ms. */
  readonly batchMs: number
  /** Records kept while the store takes none. */
  readonly capacity: number
  /** Wait after the first failed write, ms; doubled at each further one up to `retryMaxMs`. */
  readonly retryMs: number
  readonly retryMaxMs: number
  /** Time that `stop` has to get the queue written, ms. */
  readonly stopMs: number
}

export interface RecorderOptions {
  readonly store: Pick<Store, 'record'>
  readonly log: Logger
  readonly limits?: Partial<RecorderLimits>
  /** Told after the records are durable, in the order in which they came. Must not throw. */
  onRecorded(records: readonly CheckRecord[]): void
  /** A write failed and will be repeated, or the store refuses a record. */
  onError(error: unknown): void
  /** So many records were given up, because the queue was full or the store refuses them. */
  onDropped(records: number): void
}

export interface Recorder {
  /** Queues a record. Not after `stop`. */
  push(record: CheckRecord): void
  /** Writes the queue now. Resolves with whether all pushed so far is durable, or else given up; never rejects. */
  flush(): Promise<boolean>
  /** Records that are not durable yet. */
  queued(): number
  /** Flushes, with repeats until `stopMs` have passed, and ends. Idempotent. */
  stop(): Promise<void>
}

const defaults: RecorderLimits = {
  batchSize: 500,
  turnMs: 8,
  batchMs: 1_000,
  capacity: 100_000,
  retryMs: 1_000,
  retryMaxMs: 30_000,
  stopMs: 5_000,
}
/** Share of the capacity that is freed when it is exhausted. */
const DROP_RATIO = 0.01
const STOP_RETRY_MS = 100

/**
 * The write path of history: records → bounded queue → one transaction per batch → observers. A failed write keeps its
 * batch and is repeated with back-off, so records stay in order. When the queue is full, the oldest checks that changed
 * nothing are dropped first, since status changes are kept for ever and gaps correct the uptime; then the oldest. A record
 * that the store will never take is given up, see `Narrowing`, so that it does not hold up what comes after it.
 */
export function startRecorder(options: RecorderOptions): Recorder {
  const { store, log, onRecorded, onError, onDropped } = options
  const limits = { ...defaults, ...options.limits }
  const narrowing = createNarrowing()
  let queue: CheckRecord[] = []
  let size = limits.batchSize
  let writing = 0
  let failures = 0
  let dropped = 0
  let timer: NodeJS.Timeout | undefined
  let draining: Promise<boolean> | null = null
  let stopping: Promise<void> | null = null

  const queued = (): number => narrowing.aside() + writing + queue.length

  const arm = (): void => {
    if (timer !== undefined || draining !== null || stopping !== null || queue.length === 0) return
    timer = setTimeout(flush, failures === 0 ? limits.batchMs : backoffMs(failures, limits))
  }

  const push = (record: CheckRecord): void => {
    queue.push(record)
    if (queued() > limits.capacity) dropOldest()
    if (failures === 0 && queue.length >= limits.batchSize) void flush()
    else arm()
  }

  const dropOldest = (): void => {
    const kept = withoutOldest(queue, Math.ceil(limits.capacity * DROP_RATIO))
    if (dropped === 0) log.error({ queued: queue.length }, 'write queue is full, checks are being lost')
    dropped += queue.length - kept.length
    onDropped(queue.length - kept.length)
    queue = kept
  }

  const flush = (): Promise<boolean> => {
    if (draining !== null) return draining
    if (queue.length === 0) return Promise.resolve(true)
    draining = drain()
    return draining
  }

  const drain = async (): Promise<boolean> => {
    clearTimeout(timer)
    timer = undefined
    let written = true
    while (written && queue.length > 0) {
      written = await writeBatch()
      if (queue.length > 0) await nextTurn() // a long queue must not hold up the checks
    }
    draining = null
    arm()
    return written
  }

  /** Resolves with whether to go on. */
  const writeBatch = async (): Promise<boolean> => {
    const batch = queue.splice(0, narrowing.size(size))
    const startedAt = performance.now()
    writing = batch.length
    try {
      await store.record(batch)
    } catch (error) {
      return putBack(batch, error)
    } finally {
      writing = 0
    }
    const records = batch.length
    for (const refused of narrowing.taken(records)) giveUp(refused)
    if (failures > 0) log.info({ failures, dropped, queued: queue.length }, 'checks are recorded again')
    failures = 0
    dropped = 0
    onRecorded(batch)
    size = nextSize(size, { records, tookMs: performance.now() - startedAt }, limits)
    return true
  }

  const putBack = (batch: readonly CheckRecord[], error: unknown): boolean => {
    const isRefused = isRefusal(error)
    queue.unshift(...(isRefused ? narrowing.refused(batch, error) : batch))
    if (isRefused && narrowing.goesOn(queue.length)) return true
    queue.unshift(...narrowing.takeBack())
    const [record] = batch
    const fields = isRefused && record !== undefined ? refusalFields({ record, error }) : { err: error }
    if (failures === 0) log.error({ ...fields, queued: queue.length }, 'checks cannot be recorded, will be repeated')
    failures += 1
    onError(error)
    return false
  }

  const giveUp = (refused: Refused): void => {
    log.error(refusalFields(refused), 'check given up, the store refuses it')
    onError(refused.error)
    onDropped(1)
  }

  const stop = async (): Promise<void> => {
    const endAt = performance.now() + limits.stopMs
    const leftMs = (): number => Math.max(0, endAt - performance.now())
    while (!(await within(leftMs(), flush())) && leftMs() > 0) await delay(Math.min(STOP_RETRY_MS, leftMs()))
    clearTimeout(timer)
    const lost = queued()
    if (lost > 0) log.error({ lost }, 'stopped with checks that the store did not take')
  }

  return {
    push,
    flush,
    queued,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}

/** The wait after so many failed writes in a row, ms. */
export function backoffMs(
  failures: number,
  { retryMs, retryMaxMs }: Pick<RecorderLimits, 'retryMs' | 'retryMaxMs'> = defaults,
): number {
  return Math.min(retryMs * 2 ** (failures - 1), retryMaxMs)
}

function withoutOldest(queue: readonly CheckRecord[], count: number): CheckRecord[] {
  const plain = queue.filter(({ change, gap }) => change === null && gap === null)
  const oldest = new Set((plain.length > 0 ? plain : queue).slice(0, count))
  return queue.filter((record) => !oldest.has(record))
}

/** The outcome of `work`, or false if it takes longer than `ms`: a store that hangs must not hold up the stop. */
async function within(ms: number, work: Promise<boolean>): Promise<boolean> {
  const timer = new AbortController()
  try {
    return await Promise.race([work, delay(ms, false, { signal: timer.signal })])
  } finally {
    timer.abort()
  }
}
