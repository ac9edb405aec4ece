/** trackerwatch as a library: check BitTorrent trackers, and query them with every announce parameter. */
export type { AskOptions } from './probe/ask.js'
export {
  type CheckTrackerOptions,
  type CheckTrackersOptions,
  checkTracker,
  checkTrackers,
} from './probe/check-trackers.js'
export type { StartRates } from './probe/pacer.js'
export type { ScrapeEntry } from './probe/prober.js'
export {
  type AnnounceResponse,
  type FailureResponse,
  type QueryOptions,
  query,
  queryMany,
  type ScrapeResponse,
  scrape,
  TrackerEvent,
} from './probe/query.js'
export {
  BadRequestError,
  InvalidResponseError,
  TimeoutError,
  TrackerQueryError,
  UnexpectedError,
} from './probe/query-errors.js'
export type { OnTrace, TraceCertificate, TraceEvent, TraceStep } from './probe/trace.js'
export type {
  AnnounceAnswer,
  CheckResult,
  FailureReason,
  Flag,
  Outcome,
  Peer,
  Phase,
  Phases,
  ProbeResult,
  RejectClass,
  SkipReason,
} from './tracker/outcome.js'
export type { AliveWhen, Bep34Mode, RedirectMode, TlsMode } from './tracker/policy.js'
export { parseTracker, type Scheme, type Tracker, type UrlProblem } from './tracker/tracker.js'
