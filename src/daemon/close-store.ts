import type { Logger } from '../monitor/log.js'
import { StoreError } from '../store/errors.js'
import type { Store } from '../store/store.js'

const NOT_WELL =
  'the store was not closed well: the phases of the latest checks, and when addresses were last seen, may be lost'

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
    log.error({ problem: error.message }, NOT_WELL)
    return false
  }
}
