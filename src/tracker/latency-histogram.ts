/**
 * Counts of latencies in buckets that grow by a constant factor, so that p50, p95 and p99 of any window come from the
 * sum of its hours: a quantile of sums is exact to half a bucket, where an average of quantiles means nothing. Pure.
 */
export interface LatencyHistogram {
  /** Latencies counted. */
  total: number
  /** Per bucket, see `bucketOf`. */
  readonly counts: Uint32Array
}

/** Nine buckets per factor of two: each is 8 % wide, and a quantile within 4 % of the truth. */
const BUCKETS_PER_OCTAVE = 9
const SMALLEST_MS = 0.05
/** Up to 20 minutes, longer than any check may take. */
const BUCKETS = 224
const MAX_VARINT_BYTES = 5

export function createHistogram(): LatencyHistogram {
  return { total: 0, counts: new Uint32Array(BUCKETS) }
}

/** Counts a latency, ms, `count` times. */
export function addLatency(histogram: LatencyHistogram, latencyMs: number, count = 1): void {
  addToBucket(histogram, bucketOf(latencyMs), count)
}

/** Latencies, ms, to four digits, with their counts: `addLatency` of all of them makes the same histogram. */
export function latenciesOf({ counts }: LatencyHistogram): readonly (readonly [latencyMs: number, count: number])[] {
  return [...counts.entries()].flatMap(([bucket, count]) =>
    count === 0 ? [] : [[Number(middleMs(bucket).toPrecision(4)), count] as const],
  )
}

/** The value, ms, that the share `quantile` (0 to 1) of the latencies does not exceed: nearest rank; null of none. */
export function latencyAt({ total, counts }: LatencyHistogram, quantile: number): number | null {
  if (total === 0) return null
  let left = Math.max(1, Math.ceil(quantile * total))
  for (let bucket = 0; bucket < counts.length; bucket++) {
    left -= counts[bucket] ?? 0
    if (left <= 0) return middleMs(bucket)
  }
  return null
}

/** Only the buckets that have something: pairs of distance to the one before and count, as LEB128. Empty for none. */
export function encodeHistogram({ counts }: LatencyHistogram): Uint8Array {
  const bytes: number[] = []
  let before = -1
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const count = counts[bucket] ?? 0
    if (count === 0) continue
    pushVarint(bytes, bucket - before)
    pushVarint(bytes, count)
    before = bucket
  }
  return new Uint8Array(bytes)
}

/** Adds what `encodeHistogram` made of another, or of several, see `eachBucket`. */
export function addEncoded(histogram: LatencyHistogram, bytes: Uint8Array): void {
  eachBucket(bytes, (bucket, count) => addToBucket(histogram, bucket, count))
}

/**
 * The buckets, with their counts, of what `encodeHistogram` made of a histogram, or of several with a zero byte between,
 * which is no distance.
 * @throws {RangeError} for bytes that it never makes
 */
export function eachBucket(bytes: Uint8Array, each: (bucket: number, count: number) => void): void {
  let bucket = -1
  let at = 0
  while (at < bytes.length) {
    const distance = varintAt(bytes, at)
    at += varintBytes(distance)
    if (distance === 0) {
      bucket = -1
      continue
    }
    bucket += distance
    if (bucket >= BUCKETS)
      throw new RangeError(`latency histogram with bucket ${bucket}, expected less than ${BUCKETS}`)
    const count = varintAt(bytes, at)
    at += varintBytes(count)
    each(bucket, count)
  }
}

function varintAt(bytes: Uint8Array, from: number): number {
  const first = bytes[from]
  if (first !== undefined && first < 0x80) return first
  let value = 0
  for (let index = 0; index < MAX_VARINT_BYTES; index++) {
    const byte = bytes[from + index]
    if (byte === undefined) throw new RangeError(`latency histogram of ${bytes.length} bytes, expected more`)
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return value
  }
  throw new RangeError('latency histogram with a number of more than 35 bits')
}

/** Bytes of a number as `pushVarint` writes it. */
function varintBytes(value: number): number {
  let bytes = 1
  for (let left = value; left >= 0x80; left = Math.floor(left / 0x80)) bytes += 1
  return bytes
}

export function addHistogram(histogram: LatencyHistogram, other: LatencyHistogram): void {
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = other.counts[bucket] ?? 0
    if (count > 0) addToBucket(histogram, bucket, count)
  }
}

/** Counts so many latencies of one bucket; fewer than none take away what was counted. */
export function addToBucket(histogram: LatencyHistogram, bucket: number, count: number): void {
  histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + count
  histogram.total += count
}

function middleMs(bucket: number): number {
  return SMALLEST_MS * 2 ** (bucket / BUCKETS_PER_OCTAVE)
}

/** The bucket that a latency, ms, is counted in: a whole number from 0 to 223. */
export function bucketOf(latencyMs: number): number {
  const bucket = Math.round(BUCKETS_PER_OCTAVE * Math.log2(latencyMs / SMALLEST_MS))
  return Math.min(Math.max(bucket, 0), BUCKETS - 1)
}

function pushVarint(bytes: number[], value: number): void {
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80)
  bytes.push(left)
}
