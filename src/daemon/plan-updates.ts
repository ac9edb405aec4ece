import type { Logger } from '../monitor/log.js'

/** Brings the monitor up to date with what is accepted. */
export interface PlanUpdates {
  /** Requests during an update become one more after it. */
  ask(): void
  settled(): Promise<void>
}

export function createPlanUpdates(update: () => Promise<void>, log: Logger): PlanUpdates {
  let running: Promise<void> | null = null
  let again = false
  const run = async (): Promise<void> => {
    do {
      again = false
      await update().catch((err: unknown) => log.error({ err }, 'accepted submissions not taken up'))
    } while (again)
    running = null
  }
  return {
    ask: () => {
      if (running === null) running = run()
      else again = true
    },
    settled: async () => {
      await running
    },
  }
}
