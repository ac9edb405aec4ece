import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'
import type { Status } from '../../src/tracker/health.js'
import type { WatchedTracker } from '../../src/tracker/state.js'
import { type Setup, startWatching, urlOf, type Watching } from './harness.js'
import { HOUR, later, watch } from './support.js'

/** What a test of the monitor has at hand: a real store of its own, and monitors on it that stop with the test. */
export interface Bench {
  store(): Store
  /** On the store of the bench unless another one is given. */
  start(setup: Omit<Setup, 'store'> & { readonly store?: Setup['store'] }): Promise<Watching>
  statusOf(watched: WatchedTracker): Promise<Status | undefined>
  storedChecks(watched: WatchedTracker): Promise<number>
}

export function bench(): Bench {
  let store: Store
  const watching: Watching[] = []
  beforeEach(async () => {
    store = await openStore('sqlite::memory:')
  })
  afterEach(async () => {
    await Promise.all(watching.splice(0).map(({ monitor }) => monitor.stop()))
    await store.close()
  })
  return {
    store: () => store,
    start: async (setup) => {
      const one = await startWatching({ store, ...setup })
      watching.push(one)
      return one
    },
    statusOf: async (watched) => (await store.find(urlOf(watched)))?.health?.status,
    storedChecks: async (watched) => {
      const always = { from: new Date(0), to: later(365 * 24 * HOUR, new Date()) }
      return (await store.checks(urlOf(watched), always, 1000)).length
    },
  }
}

/** `public0`, `public1`, … */
export function fleet(size: number, group = 'public'): WatchedTracker[] {
  return Array.from({ length: size }, (_, index) => watch(`${group}${index}`, { group }))
}

/** Lets everything happen that needs no timer. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await turn()
}
