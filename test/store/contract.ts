import { checksContract } from './contract/checks.js'
import { figuresContract } from './contract/figures.js'
import { createSubject, type StoreHarness } from './contract/subject.js'
import { upkeepContract } from './contract/upkeep.js'
import { watchingContract } from './contract/watching.js'

/** What every store does. */
export function storeContract(name: string, harness: StoreHarness): void {
  const subject = createSubject(harness)
  watchingContract(name, subject)
  checksContract(name, subject)
  figuresContract(name, subject)
  upkeepContract(name, subject)
}
