/** Trackers that visitors propose, as the pages and the API see them. Secrets are masked in all texts. */
export interface Submissions {
  readonly rules: () => SubmissionRules
  /** Reads a list and puts what may be watched in line for a check. `client` is whom the limits count. */
  readonly submit: (text: string, client: string) => Receipt
  /** What has become of a submission; null once it is forgotten. */
  readonly receipt: (id: string) => Receipt | null
  /** Accepted and held, newest first. */
  readonly list: () => readonly Submission[]
  /** The operator's word about a tracker by its public id; false if it is not in the list. Durable once resolved. */
  readonly decide: (id: string, decision: Decision) => Promise<boolean>
}

export interface SubmissionRules {
  readonly mode: 'off' | 'token' | 'open'
  readonly review: 'hold' | 'accept'
  /** What submitters show in the mode `token`. */
  readonly token: string | null
}

export const decisions = ['accept', 'reject'] as const
export type Decision = (typeof decisions)[number]

/** Lets its holder see what became of each line. */
export interface Receipt {
  /** Hard to guess. */
  readonly id: string
  readonly lines: readonly SubmittedLine[]
}

export interface SubmittedLine {
  /** As it was given, shortened for reading. */
  readonly text: string
  readonly state: LineState
}

export type LineState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'held' }
  /** `busy`: nothing is wrong with it, and it may be tried again. */
  | { readonly kind: 'refused'; readonly because: string; readonly busy: boolean }

/** A tracker that was submitted and answered. */
export interface Submission {
  /** See `trackerId`. */
  readonly id: string
  readonly url: string
  readonly state: 'accepted' | 'held'
  readonly submittedAt: Date
  readonly checkedAt: Date
  readonly latencyMs: number | null
}
