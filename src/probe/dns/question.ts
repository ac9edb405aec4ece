import type { Resolver } from 'node:dns'
import { isMostlyStalled, type LoopWatch } from '../loop-watch.js'
import type { DnsChannels } from './channels.js'
import type { DnsLane } from './lane.js'
import { isAnswer, ResolveError } from './resolve-error.js'
import type { ResolverHealth } from './resolver-health.js'

/** What the questions of one resolver share. */
export interface Asking {
  readonly channels: DnsChannels
  /** Something is not answered: looks whether the system has other name servers by now. */
  readonly renew: () => void
  readonly lane: DnsLane
  readonly health: ResolverHealth
  readonly loop: LoopWatch | undefined
  /** One for each question that is still open. */
  readonly giveUps: Set<() => void>
  /** The newest question that was answered, if only by "no such name"; null before there is one. */
  lastAnswered: ((channel: Resolver) => Promise<unknown>) | null
}

export interface Question<T> {
  /** For messages. */
  readonly what: string
  readonly timeoutMs: number
  /** Rejects with a `ResolveError`. */
  readonly ask: (channel: Resolver) => Promise<T>
}

/** A question under way. */
interface Pending<T> extends Question<T> {
  readonly asking: Asking
  readonly timers: NodeJS.Timeout[]
  /** When its clock started, and when it was asked last. */
  beganMs: number
  askedMs: number
  /** Queries without an answer. */
  open: number
  fault: ResolveError | null
  readonly giveUp: () => void
  readonly resolve: (answer: T) => void
  readonly reject: (error: ResolveError) => void
}

/** When to ask again though the first query may still be answered, as shares of the time for the question. */
const ASK_AGAIN_AT = [0.2, 0.5]

/**
 * Asks until somebody answers or the time is over. A final answer of any query ends it; a passing fault does not. Rejects
 * with a `ResolveError`, whose code is `local.*` where we or our name servers are to blame, and not the name.
 */
export function askUntil<T>(asking: Asking, question: Question<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => settle(pending, () => reject(closed(question)))
    const moments = { beganMs: 0, askedMs: 0 }
    const pending: Pending<T> = {
      ...question,
      ...moments,
      asking,
      timers: [],
      open: 0,
      fault: null,
      giveUp,
      resolve,
      reject,
    }
    asking.giveUps.add(giveUp)
    askRound(pending, 0)
  })
}

function askRound<T>(pending: Pending<T>, round: number): void {
  const { asking, ask } = pending
  if (round > 0) asking.renew()
  pending.open++
  const query = async (): Promise<T> => {
    // Settled while this query waited for its turn: nobody wants the answer any more.
    if (!asking.giveUps.has(pending.giveUp)) throw closed(pending)
    pending.askedMs = performance.now()
    if (round === 0) startClock(pending)
    return asking.channels.ask(round, ask)
  }
  const isLast = round === ASK_AGAIN_AT.length
  const known = isLast ? asking.health.doubt() : undefined
  asking.lane(query).then(
    (answer) => {
      noteAnswer(pending)
      settle(pending, () => pending.resolve(answer))
    },
    async (fault: ResolveError) => {
      pending.open--
      pending.fault = fault
      if (isAnswer(fault)) {
        noteAnswer(pending)
        settle(pending, () => pending.reject(fault))
        return
      }
      if (pending.open > 0 || !isLast) return
      await known
      fail(pending, fault)
    },
  )
}

function noteAnswer<T>({ asking, ask }: Pending<T>): void {
  asking.lastAnswered = ask
  asking.health.answered()
}

/** The clock of a name starts when its first query leaves: waiting for a turn is not its fault. */
function startClock<T>(pending: Pending<T>): void {
  const { timers, timeoutMs } = pending
  pending.beganMs = pending.askedMs
  for (const [index, share] of ASK_AGAIN_AT.entries()) {
    timers.push(setTimeout(askRound, timeoutMs * share, pending, index + 1))
  }
  timers.push(setTimeout(() => fail(pending, pending.fault ?? timedOut(pending)), timeoutMs))
}

/** The time is over, or every query has failed. */
function fail<T>(pending: Pending<T>, fault: ResolveError): void {
  settle(pending, () => pending.reject(blamed(pending, fault)))
}

/** The fault, or why it is not the name's. */
function blamed<T>({ asking, what, beganMs, askedMs }: Pending<T>, fault: ResolveError): ResolveError {
  const nowMs = performance.now()
  const stalledMs = asking.loop?.stalledMs(beganMs, nowMs) ?? 0
  if (isMostlyStalled(stalledMs, nowMs - beganMs)) {
    const message = `${what} cannot be looked up: we ourselves stood still for ${Math.round(stalledMs)} ms`
    return new ResolveError('local.stalled', message, { cause: fault })
  }
  if (!asking.health.isDead(askedMs)) return fault
  return new ResolveError('local.dns', `${what} cannot be looked up: our name servers fail for every name`, {
    cause: fault,
  })
}

/** Once: what comes later comes too late. */
function settle<T>({ asking, giveUp, timers }: Pending<T>, finish: () => void): void {
  if (!asking.giveUps.delete(giveUp)) return
  for (const timer of timers) clearTimeout(timer)
  finish()
}

function closed({ what }: { readonly what: string }): ResolveError {
  return new ResolveError('local.dns', `resolver closed while asking for ${what}`)
}

function timedOut({ what, timeoutMs }: { readonly what: string; readonly timeoutMs: number }): ResolveError {
  return new ResolveError('dns.timeout', `no answer for ${what} within ${timeoutMs} ms`)
}
