import { type CheckResult, type Phases, phaseNames } from '../../tracker/outcome.js'

/**
 * The numbers of a check that are new each time: when it ended and what it took. A state is written at every check, and
 * without them what a tracker says is nearly always what it said before.
 */

const BYTES_PER_NUMBER = 8

/** `checkedAt`, then the latencies and the phases of the probes in order; NaN where there is no latency. */
export function encodeTimes({ checkedAt, latencyMs, probes }: CheckResult): Buffer {
  const numbers = [checkedAt.getTime(), latencyMs ?? Number.NaN]
  for (const probe of probes) {
    numbers.push(probe.latencyMs ?? Number.NaN)
    for (const name of phaseNames) {
      const ms = probe.phases[name]
      if (ms !== undefined) numbers.push(ms)
    }
  }
  const bytes = Buffer.allocUnsafe(numbers.length * BYTES_PER_NUMBER)
  for (let index = 0; index < numbers.length; index++)
    bytes.writeDoubleLE(numbers[index] ?? 0, index * BYTES_PER_NUMBER)
  return bytes
}

/**
 * The check with other times.
 * @throws {RangeError} for times of a check with fewer phases
 */
export function withTimes(check: CheckResult, times: Buffer): CheckResult {
  let at = 0
  const next = (): number => {
    at += BYTES_PER_NUMBER
    return times.readDoubleLE(at - BYTES_PER_NUMBER)
  }
  const latency = (): number | null => {
    const ms = next()
    return Number.isNaN(ms) ? null : ms
  }
  const timed = (phases: Phases): Phases =>
    Object.fromEntries(phaseNames.flatMap((name) => (phases[name] === undefined ? [] : [[name, next()]])))
  const [checkedAt, latencyMs] = [new Date(next()), latency()]
  const probes = check.probes.map((probe) => ({
    ...probe,
    latencyMs: latency(),
    phases: timed(probe.phases),
  }))
  return { ...check, checkedAt, latencyMs, probes }
}

/** Whether two checks say the same, apart from their times. */
export function saysTheSame(one: CheckResult, other: CheckResult): boolean {
  if (one.probes.length !== other.probes.length || !isSame(one, other, isOfCheckTimes)) return false
  if (!decidedAlike(one, other)) return false
  return one.probes.every((probe, index) => {
    const counterpart = other.probes[index]
    return (
      counterpart !== undefined &&
      haveSamePhases(probe.phases, counterpart.phases) &&
      isSame(probe, counterpart, isOfProbeTimes)
    )
  })
}

/** Nearly always the outcome is that of a probe, which is compared anyway. */
function decidedAlike(one: CheckResult, other: CheckResult): boolean {
  const index = one.probes.findIndex(({ outcome }) => outcome === one.outcome)
  return (index !== -1 && other.probes[index]?.outcome === other.outcome) || isSame(one.outcome, other.outcome)
}

function isOfCheckTimes(name: string): boolean {
  return name === 'checkedAt' || name === 'latencyMs' || name === 'probes' || name === 'outcome'
}

function isOfProbeTimes(name: string): boolean {
  return name === 'latencyMs' || name === 'phases'
}

function haveSamePhases(one: Phases, other: Phases): boolean {
  for (const name of phaseNames) if ((one[name] === undefined) !== (other[name] === undefined)) return false
  return true
}

/** Whether two values hold the same, apart from some of their own properties. */
function isSame<T>(one: T, other: T, isApart?: (name: string) => boolean): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (one instanceof Date) return other instanceof Date && one.getTime() === other.getTime()
  let properties = 0
  for (const name in one) {
    if (isApart?.(name) !== true && !isSame(one[name], other[name])) return false
    properties += 1
  }
  for (const _ in other) properties -= 1
  return properties === 0
}
