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
