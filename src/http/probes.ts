import type { CheckResult } from '../tracker/outcome.js'
import type { AliveWhen } from '../tracker/policy.js'
import type { Tracker } from '../tracker/tracker.js'

/** Checks for those who ask over HTTP: what the daemon does for `/probe`. */
export interface Probes {
  /** Null while nobody may ask. */
  readonly rules: () => ProbeRules | null
  /** Never recorded. Rejects only for a bug. */
  readonly probe: (request: ProbeRequest) => Promise<Probed | NotProbed>
}

export interface ProbeRules {
  /** Names of the ways to check. */
  readonly modules: readonly string[]
  /** `watched`: the trackers that are watched; otherwise what it says of one. */
  readonly targets: 'watched' | ((tracker: Tracker) => boolean)
}

export interface ProbeRequest {
  readonly tracker: Tracker
  /** One of `ProbeRules.modules`. */
  readonly module: string
  /** The most that whoever asks will wait, ms; null where that was not said. */
  readonly withinMs: number | null
  /** Whether to tell what went back and forth. */
  readonly debug: boolean
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal
}

/** One check. */
export interface Probed {
  readonly result: CheckResult
  /** Whether the outcome is one that the module accepts. */
  readonly success: boolean
  /** Of all of it, waiting included. */
  readonly durationMs: number
  readonly aliveWhen: AliveWhen
  /** What went back and forth and how it was checked, for people, without secrets; null where nobody asked. */
  readonly text: string | null
}

/** `busy`: too many at once. `aborted`: nobody waits any more, or the daemon stops. */
export type NotProbed = 'busy' | 'aborted'
