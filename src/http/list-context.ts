import type { ListContext } from '../tracker/select.js'
import type { Entry } from '../tracker/state.js'
import type { AppDeps } from './deps.js'

/** The trackers and what lists of them are made by, as of now. */
export async function readForLists({ store, listRules, now }: Pick<AppDeps, 'store' | 'listRules' | 'now'>): Promise<{
  readonly entries: readonly Entry[]
  readonly context: ListContext
}> {
  const at = now()
  const [entries, members] = await Promise.all([store.entries(at), store.listMembers()])
  return { entries, context: { rules: listRules(), at, members } }
}
