import type { AppDeps } from '../../deps.js'

/** What the JSON API reads from the rest of the daemon. */
export type ApiDeps = Pick<AppDeps, 'store' | 'listRules' | 'status' | 'now' | 'log'>
export type ApiStore = ApiDeps['store']
