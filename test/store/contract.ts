import { aliasesContract } from './contract/aliases.js'
import { checksContract } from './contract/checks.js'
import { failuresContract } from './contract/failures.js'
import { figuresContract } from './contract/figures.js'
import { incidentsContract } from './contract/incidents.js'
import { listsContract } from './contract/lists.js'
import { overviewContract } from './contract/overview.js'
import { phasesContract } from './contract/phases.js'
import { relatedContract } from './contract/related.js'
import { rollupsContract } from './contract/rollups.js'
import { createSubject, type StoreHarness } from './contract/subject.js'
import { transferContract } from './contract/transfer.js'
import { upkeepContract } from './contract/upkeep.js'
import { watchingContract } from './contract/watching.js'

/** What every store does. */
export function storeContract(name: string, harness: StoreHarness): void {
  const subject = createSubject(harness)
  watchingContract(name, subject)
  aliasesContract(name, subject)
  checksContract(name, subject)
  failuresContract(name, subject)
  figuresContract(name, subject)
  overviewContract(name, subject)
  rollupsContract(name, subject)
  phasesContract(name, subject)
  incidentsContract(name, subject)
  listsContract(name, subject)
  relatedContract(name, subject)
  upkeepContract(name, subject)
  transferContract(name, subject)
}
