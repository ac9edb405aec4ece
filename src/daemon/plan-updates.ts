import type { Logger } from '../monitor/log.js'
import { type Coalesced, coalesced } from './turns.js'

/** Brings the monitor up to date with what is accepted. */
export function createPlanUpdates(update: () => Promise<void>, log: Logger): Coalesced {
  return coalesced(() => update().catch((err: unknown) => log.error({ err }, 'accepted submissions not taken up')))
}
