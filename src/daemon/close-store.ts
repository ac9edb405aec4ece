import type { Logger } from '../monitor/log.js'
import { StoreError } from '../store/errors.js'
import type { Store } from '../store/store.js'

/**
 * Closes a store that may have something left to write, which is neither checks nor what can be made up from them.
 * Resolves with whether that went well; what did not is told.
 */
export async function closeStore(store: Pick<Store, 'close'>, log: Logger): Promise<boolean> {
  try {
    await store.close()
    return true
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    log.error({ problem: error.message }, 'store not closed well, phases of the latest checks may be lost')
    return false
  }
}
