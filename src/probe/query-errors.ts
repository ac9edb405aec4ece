import { maskUrl } from '../tracker/mask.js'
import type { FailedOutcome, FailureReason, SkippedOutcome } from '../tracker/outcome.js'

/**
 * A query that brought no answer. The subclasses say whose fault it is; `code` is the fine-grained code that a check
 * would have recorded, such as `udp.timeout`.
 */
export class TrackerQueryError extends Error {
  override readonly name: string = 'TrackerQueryError'
  /** The tracker's announce URL as given. */
  readonly url: string
  readonly code: string
  constructor(url: string, code: string, message: string, options?: ErrorOptions) {
    super(`${maskUrl(url)}: ${message}`, options)
    this.url = url
    this.code = code
  }
}

/** The tracker did not answer in time. */
export class TimeoutError extends TrackerQueryError {
  override readonly name = 'TimeoutError'
}

/** The request cannot be made as asked, or the tracker turned it away as wrong: a bad URL, HTTP 4xx. */
export class BadRequestError extends TrackerQueryError {
  override readonly name = 'BadRequestError'
}

/** Something answered, but not as a tracker does. */
export class InvalidResponseError extends TrackerQueryError {
  override readonly name = 'InvalidResponseError'
}

/** Anything else: the name does not resolve, the connection is refused or breaks, a certificate is not valid. */
export class UnexpectedError extends TrackerQueryError {
  override readonly name = 'UnexpectedError'
}

const ERRORS: Readonly<Partial<Record<FailureReason, typeof TrackerQueryError>>> = {
  timeout: TimeoutError,
  not_a_tracker: InvalidResponseError,
  malformed: InvalidResponseError,
  redirected: InvalidResponseError,
}

/** The error for an outcome without an answer. */
export function queryError(url: string, outcome: FailedOutcome | SkippedOutcome, cause: unknown): TrackerQueryError {
  const { code, detail } = outcome
  if (outcome.kind === 'skipped')
    return new (isRequestFault(code) ? BadRequestError : UnexpectedError)(url, code, detail, { cause })
  if (code === 'dns.timeout') return new TimeoutError(url, code, detail, { cause })
  if (code === 'http.status') {
    const turnedAway = /^HTTP 4/.test(detail)
    return new (turnedAway ? BadRequestError : InvalidResponseError)(url, code, detail, { cause })
  }
  return new (ERRORS[outcome.reason] ?? UnexpectedError)(url, code, detail, { cause })
}

function isRequestFault(code: string): boolean {
  return code.startsWith('url.') || code.startsWith('policy.') || code.startsWith('net.overlay')
}
