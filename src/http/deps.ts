import type { Store } from '../store/store.js'
import type { ListRules } from '../tracker/select.js'

/** The reads of a store. */
export type ReadStore = Omit<
  Store,
  'watch' | 'record' | 'states' | 'installSecret' | 'roll' | 'prune' | 'backup' | 'import' | 'verify' | 'close'
>

/** What the app reads from the rest of the daemon. It changes nothing but by `reload`. */
export interface AppDeps {
  readonly store: ReadStore
  readonly renderMetrics: () => Promise<{ readonly contentType: string; readonly body: string }>
  readonly ready: () => { readonly ready: boolean; readonly detail: string }
  /** Reads the configuration again; the problems are sentences for the operator. */
  readonly reload: () => Promise<{ readonly ok: true } | { readonly ok: false; readonly problems: readonly string[] }>
  readonly listRules: () => ListRules
  readonly status: () => MonitorStatus
  readonly now: () => Date
  readonly log?: AppLog
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
