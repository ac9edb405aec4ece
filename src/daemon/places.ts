import type { GeoConfig } from '../config/config.js'
import { type AddressRecords, GeoError, openDatabase } from '../geo/database.js'
import { countryOf, networkOf } from '../geo/place.js'
import type { Logger } from '../monitor/log.js'
import type { Place } from '../tracker/place.js'

/** Tells country and network of addresses, from the databases that the operator names. */
export interface Places {
  /** Reads the databases anew. One that cannot be read is logged, and what was known of it before stays. */
  use(config: GeoConfig): Promise<void>
  /** Null where no database is configured or none knows the address. */
  of(address: string): Place | null
}

const nothing: AddressRecords = () => null

export function createPlaces(log: Logger): Places {
  const records = { country: nothing, network: nothing }
  const read = async (key: keyof typeof records, file: string | null): Promise<void> => {
    try {
      records[key] = file === null ? nothing : await openDatabase(file)
    } catch (error) {
      if (!(error instanceof GeoError)) throw error
      log.error({ key: `geo.${key}`, problem: error.message }, 'database of addresses not read')
    }
  }
  return {
    use: async ({ country, network }) => {
      await Promise.all([read('country', country), read('network', network)])
    },
    of(address) {
      const country = countryOf(records.country(address))
      const network = networkOf(records.network(address))
      return country === null && network === null ? null : { country, network }
    },
  }
}
