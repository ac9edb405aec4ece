import type { SubmissionsConfig } from '../config/config.js'
import type { LineState, Receipt, Submission, Submissions } from '../http/submissions.js'
import type { SubmissionResult } from '../metrics/monitor-metrics.js'
import type { Logger } from '../monitor/log.js'
import { maskUrl } from '../tracker/mask.js'
import type { CheckResult } from '../tracker/outcome.js'
import { trackerId } from '../tracker/state.js'
import type { Tracker } from '../tracker/tracker.js'
import { createReceipts, type OpenLine, type Receipts } from './receipts.js'
import { createAllowance } from './submission-allowance.js'
import { type KeptSubmission, loadSubmissions, saveSubmissions } from './submission-file.js'
import { submittedLines } from './submission-lines.js'
import { createSubmissionQueue, type SubmissionQueue } from './submission-queue.js'
import { refuseResult, refuseTracker } from './submission-rules.js'

export interface SubmissionsOptions {
  readonly config: () => SubmissionsConfig
  /** URLs that are watched by the configuration or its lists on the web. */
  readonly watched: () => ReadonlySet<string>
  /** One check by the policy of the group of submissions. Null if it was aborted. */
  readonly check: (tracker: Tracker, signal: AbortSignal) => Promise<CheckResult | null>
  readonly onResult: (result: SubmissionResult) => void
  readonly onCrash: (error: unknown) => void
  readonly log: Logger
  readonly now: () => Date
}

/** Trackers that visitors propose, from the line in a form to the tracker that is watched. */
export interface SubmissionDesk extends Submissions {
  readonly accepted: () => readonly Tracker[]
  /** Whom to tell from now on when what is accepted has changed, and is durable. */
  readonly follow: (onAccepted: () => void) => void
  /** Resolves when everything decided is durable. Idempotent. */
  readonly stop: () => Promise<void>
}

interface Desk extends SubmissionsOptions {
  readonly kept: Map<string, KeptSubmission>
  readonly queue: SubmissionQueue
  readonly receipts: Receipts
  readonly takeCheck: (client: string) => boolean
  readonly save: () => Promise<void>
  onAccepted: () => void
}

/** Opens the file of the configuration, which stays the same until a restart. Rejects if it cannot be read. */
export async function openSubmissions(options: SubmissionsOptions): Promise<SubmissionDesk> {
  const { file } = options.config()
  const loaded = await loadSubmissions(file, options.log)
  const kept = new Map(loaded.map((submission) => [submission.tracker.url, submission]))
  let saved = Promise.resolve()
  const save = (): Promise<void> => {
    const saving = saved.then(() => saveSubmissions(file, kept.values()))
    saved = saving.catch((err: unknown) => options.log.error({ err, file }, 'submissions not written'))
    return saving
  }
  const desk: Desk = {
    ...options,
    kept,
    queue: createSubmissionQueue(options),
    receipts: createReceipts(),
    takeCheck: createAllowance(options.config),
    save,
    onAccepted: () => {},
  }
  const isAccepted = ({ state }: KeptSubmission): boolean => state === 'accepted'
  return {
    rules: options.config,
    submit: (text, client) => submit(desk, text, client),
    receipt: desk.receipts.get,
    list: () => listOf(kept.values()),
    decide: (id, decision) => decide(desk, id, decision === 'accept' ? 'accepted' : 'rejected'),
    accepted: () => [...kept.values()].filter(isAccepted).map(({ tracker }) => tracker),
    follow: (onAccepted) => {
      desk.onAccepted = onAccepted
    },
    stop: async () => {
      await desk.queue.stop()
      await saved
    },
  }
}

function submit(desk: Desk, text: string, client: string): Receipt {
  const watched = desk.watched()
  const lines = submittedLines(text).map((line): OpenLine => {
    if ('refused' in line) return { text: line.text, state: refused(desk, line.refused) }
    const open: OpenLine = { text: maskUrl(line.tracker.url), state: { kind: 'waiting' } }
    open.state = refuse(desk, line.tracker, watched, client) ?? open.state
    if (open.state.kind === 'waiting') {
      desk.queue.add(line.tracker, (result) => {
        open.state = take(desk, line.tracker, result)
      })
    }
    return open
  })
  return desk.receipts.add(lines)
}

/** Why a tracker is not even checked, or null if it will be. What costs an allowance comes last. */
function refuse(desk: Desk, tracker: Tracker, watched: ReadonlySet<string>, client: string): LineState | null {
  const { kept, queue, config } = desk
  const problem = refuseTracker(tracker)
  if (problem !== null) return refused(desk, problem)
  const state = kept.get(tracker.url)?.state
  if (watched.has(tracker.url) || state === 'accepted') return refused(desk, 'is watched already')
  if (state === 'held') return refused(desk, 'was submitted before and waits for the operator')
  if (state === 'rejected') return refused(desk, 'was submitted before, and the operator does not want it')
  if (queue.has(tracker.url)) return refused(desk, 'was submitted before and is being checked')
  if (sizeOf(kept) + queue.size() >= config().max) return refused(desk, 'there is no room for more submissions', true)
  if (queue.isFull()) return refused(desk, 'too many others are waiting, try again later', true)
  if (!desk.takeCheck(client)) return refused(desk, 'too many submissions, try again in an hour', true)
  return null
}

/** What becomes of a tracker by its first check. */
function take(desk: Desk, tracker: Tracker, result: CheckResult | null): LineState {
  if (result === null) return refused(desk, 'was not checked, since the monitor stopped', true)
  const problem = refuseResult(result)
  if (problem !== null) return refused(desk, problem)
  const kind = desk.config().review === 'accept' ? 'accepted' : 'held'
  const { checkedAt, latencyMs } = result
  desk.kept.set(tracker.url, { tracker, state: kind, submittedAt: desk.now(), checkedAt, latencyMs })
  desk.log.info({ tracker: maskUrl(tracker.url), result: kind }, 'tracker submitted')
  desk.onResult(kind)
  desk.save().then(() => kind === 'accepted' && desk.onAccepted(), forget)
  return { kind }
}

/** `save` has logged it. */
function forget(): void {}

function refused({ onResult }: Desk, because: string, busy = false): LineState {
  onResult('refused')
  return { kind: 'refused', because, busy }
}

async function decide(desk: Desk, id: string, state: 'accepted' | 'rejected'): Promise<boolean> {
  const found = [...desk.kept.values()].find(({ tracker }) => trackerId(tracker.url) === id)
  if (found === undefined || found.state === 'rejected') return false
  desk.kept.set(found.tracker.url, { ...found, state })
  forgetRejected(desk)
  await desk.save()
  desk.log.info({ tracker: maskUrl(found.tracker.url), result: state }, 'submission reviewed')
  desk.onAccepted()
  return true
}

/** As many are remembered as may be kept; the first ones are forgotten. */
function forgetRejected({ kept, config }: Desk): void {
  const rejected = [...kept.values()].filter(({ state }) => state === 'rejected')
  for (const { tracker } of rejected.slice(0, Math.max(0, rejected.length - config().max))) kept.delete(tracker.url)
}

function sizeOf(kept: ReadonlyMap<string, KeptSubmission>): number {
  return [...kept.values()].filter(({ state }) => state !== 'rejected').length
}

function listOf(kept: Iterable<KeptSubmission>): readonly Submission[] {
  const listed = [...kept].flatMap(({ tracker, state, ...rest }) =>
    state === 'rejected' ? [] : [{ id: trackerId(tracker.url), url: tracker.url, state, ...rest }],
  )
  return listed.toSorted((one, other) => other.submittedAt.getTime() - one.submittedAt.getTime())
}
