import { isIP } from 'node:net'
import type { Config } from '../config/config.js'
import type { Witnesses } from '../monitor/uplink-witnesses.js'
import { settleAll } from '../probe/pool.js'
import { askWitness } from '../probe/witness.js'

/** Longer than a lost packet takes to be repeated twice, since one that answers late answers. */
const WITNESS_TIMEOUT_MS = 3000

/** The witnesses of the configuration in force, each of the family of its address. */
export function createWitnesses(config: () => Config): Witnesses {
  const witnessesOf = (family: 4 | 6) => config().uplink.witnesses.filter(({ host }) => isIP(host) === family)
  return {
    count: (family) => witnessesOf(family).length,
    ask: async (family, signal) => {
      const asking = witnessesOf(family).map((witness) => askWitness(witness, WITNESS_TIMEOUT_MS, signal))
      return (await settleAll(asking)).filter(Boolean).length
    },
  }
}
