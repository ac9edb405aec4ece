import { createBuckets } from '../http/limits.js'

/** All clients together may have so many times more checked than one. */
const ALL_CLIENTS = 10
const HOUR_S = 3_600

/** Checks per client and hour, and for all of them; a changed configuration begins anew. */
export function createAllowance(config: () => { readonly perHour: number }): (client: string) => boolean {
  const bucketsFor = (perHour: number) => createBuckets({ capacity: perHour, perSecond: perHour / HOUR_S })
  let { perHour } = config()
  let [own, all] = [bucketsFor(perHour), bucketsFor(perHour * ALL_CLIENTS)]
  return (client) => {
    if (config().perHour !== perHour) {
      perHour = config().perHour
      own = bucketsFor(perHour)
      all = bucketsFor(perHour * ALL_CLIENTS)
    }
    return own.take(client) === 0 && all.take('all') === 0
  }
}
