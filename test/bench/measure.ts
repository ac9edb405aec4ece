import { readFileSync } from 'node:fs'

/** What a piece of work cost this process. */
export interface Cost<T> {
  readonly value: T
  readonly wallMs: number
  readonly cpuMs: number
  /** Peak of the whole process, MB. */
  readonly peakMb: number
}

export async function measured<T>(work: () => Promise<T>): Promise<Cost<T>> {
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  const value = await work()
  const wallMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  return { value, wallMs, cpuMs: (user + system) / 1000, peakMb: process.resourceUsage().maxRSS / 1024 }
}

/**
 * The longest turn of the event loop during `work`, ms, without the time that it waited for a processor; of several times
 * the shortest.
 */
export async function quietest(work: () => Promise<void>, times = 3): Promise<number> {
  let longest = Number.POSITIVE_INFINITY
  for (let run = 0; run < times; run++) longest = Math.min(longest, await longestTurn(work))
  return longest
}

async function longestTurn(work: () => Promise<void>): Promise<number> {
  let longestMs = 0
  let before = ownMs()
  let watching = true
  const turn = (): void => {
    const now = ownMs()
    longestMs = Math.max(longestMs, now - before)
    before = now
    if (watching) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  watching = false
  turn()
  return longestMs
}

/** The time as the process has it, ms: it stands still while the main thread waits for a processor. */
export function ownMs(): number {
  return performance.now() - queuedMs()
}

/** How long the main thread has been ready and without a processor, which is the others' doing. Linux tells, others not. */
function queuedMs(): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
    return Number(waitedNs) / 1e6
  } catch {
    return 0
  }
}
