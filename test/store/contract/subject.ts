import { join } from 'node:path'
import type { Store } from '../../../src/store/store.js'
import { at, DAY, inDirectory } from '../support.js'

/** What the contract needs to know of a kind of store. */
export interface StoreHarness {
  /** Opens the store at `file`, made if missing. */
  open(file: string): Promise<Store>
  /** Makes a store with some history, closed and at `file`, inconsistent. */
  damage(file: string): void
}

export interface Subject extends StoreHarness {
  /** Runs `body` on a fresh store at `file`; `reopen` closes it and opens it anew. */
  withStore(body: (store: Store, reopen: () => Promise<Store>, file: string) => Promise<void>): Promise<void>
}

export const always = { from: at(-1000 * DAY), to: at(1000 * DAY) }

export function createSubject({ open, damage }: StoreHarness): Subject {
  return {
    open,
    damage,
    withStore: (body) =>
      inDirectory(async (directory, use) => {
        const file = join(directory, 'history')
        const store = await use(open(file))
        const reopen = async (): Promise<Store> => {
          await store.close()
          return use(open(file))
        }
        await body(store, reopen, file)
      }),
  }
}
