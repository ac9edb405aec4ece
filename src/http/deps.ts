import type { Store } from '../store/store.js'
import type { ListRules } from '../tracker/list-rules.js'
import type { Place } from '../tracker/place.js'
import type { Bep34Mode, IntervalFloor } from '../tracker/policy.js'
import type { Hysteresis } from '../tracker/verdict-rules.js'
import type { LiveEvents } from './events.js'
import type { Probes } from './probes.js'
import type { Submissions } from './submissions.js'

/** The reads of a store. */
export type ReadStore = Omit<
  Store,
  | 'watch'
  | 'record'
  | 'states'
  | 'installSecret'
  | 'roll'
  | 'prune'
  | 'backup'
  | 'import'
  | 'verify'
  | 'changeLists'
  | 'close'
>

/** What the app reads from the rest of the daemon. It changes nothing but by `reload`. */
export interface AppDeps {
  readonly store: ReadStore
  readonly renderMetrics: () => Promise<{ readonly contentType: string; readonly body: Uint8Array<ArrayBuffer> }>
  readonly ready: () => { readonly ready: boolean; readonly detail: string }
  /** Reads the configuration again; the problems are sentences for the operator. */
  readonly reload: () => Promise<{ readonly ok: true } | { readonly ok: false; readonly problems: readonly string[] }>
  readonly listRules: () => ListRules
  /** How many checks in a row change a status. */
  readonly healthPolicy: () => Hysteresis
  /** Null for a group that the configuration does not have, as that of an archived tracker may be. */
  readonly groupRules: (group: string) => GroupRules | null
  /** Null where no database is configured or none knows the address. */
  readonly placeOf: (address: string) => Place | null
  readonly status: () => MonitorStatus
  readonly events: LiveEvents
  readonly submissions: Submissions
  readonly probes: Probes
  /** What an operator shows to be one; null where there is none. */
  readonly token: () => string | null
  /** Where the outside world finds us, without a trailing slash; null where it has not been said. */
  readonly publicUrl: () => string | null
  readonly now: () => Date
  readonly log?: AppLog
}

/** How the trackers of a group are checked, as far as they themselves have a say in it. */
export interface GroupRules {
  /** Cron expression. */
  readonly schedule: string
  /** Shortest time between two beats of it, ms. */
  readonly beatMs: number
  readonly intervalFloor: IntervalFloor
  readonly bep34: Bep34Mode
}

export interface MonitorStatus {
  readonly startedAt: Date
  /** End of the last round; null before the first. */
  readonly lastRoundAt: Date | null
  readonly nextRoundAt: Date | null
  /** What keeps the monitor itself from seeing, as sentences without a full stop; empty while it sees. */
  readonly blind: readonly string[]
  readonly version: string
}

/** The part of a pino logger that the app uses. */
export interface AppLog {
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}
