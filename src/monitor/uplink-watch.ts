import type { CheckResult } from '../tracker/outcome.js'
import type { Known } from './due.js'
import {
  type Family,
  families,
  familiesOf,
  isFine,
  judgeUplink,
  pardon,
  sightOf,
  suspectsOf,
  triedFamilies,
  type UplinkVerdict,
  uplinkDetail,
} from './uplink.js'
import { createUplinkState, type UplinkState, type UplinkStateOptions } from './uplink-state.js'
import { createTally } from './uplink-tally.js'

export interface UplinkOptions extends UplinkStateOptions {
  /** Undefined if the tracker is watched no more. */
  known(url: string): Known | undefined
  /** A result as it is to be recorded. */
  onResult(result: CheckResult): void
  /** How long a round waits for more results before it judges by those it has, ms. */
  readonly patienceMs?: number
}

/** Stands between checks and history, and excuses the trackers where the fault is ours. */
export interface UplinkWatch {
  /** For checks that start together; `trackers` as they are before. */
  startRound(trackers: readonly Known[]): UplinkRound
  /** Whether a result of the tracker is held back: its next check is not due before that one counts. */
  holds(url: string): boolean
  /** See `UplinkState`. */
  use(families: readonly Family[]): void
  /** Whether a check of the tracker would be made in vain. */
  isBlindTo(known: Known): boolean
  /** Asks no more; results that wait for an answer are forgotten. */
  stop(): void
}

/**
 * A failure of a tracker that was alive is held back until the round can tell whose fault it is: at once when enough of
 * the others answer, after `patienceMs` or with the last result when they do not. Everything else passes through.
 *
 * A family with witnesses is judged by them alone: each such failure waits for an answer to a question that was asked
 * after it, so that the verdict is about its own time. While they are silent, other failures are excused as well.
 */
export interface UplinkRound {
  take(result: CheckResult): void
  /** All results are in: judges what is held. Resolves when nothing is, or after a `stop`. */
  end(): Promise<void>
  /** Forgets what is held. */
  drop(): void
}

/** Longer than a check takes, shorter than anyone waits for an alert. */
const PATIENCE_MS = 30_000

/** Results that wait for a verdict about the same families. */
interface Held {
  readonly suspects: readonly Family[]
  readonly results: CheckResult[]
}

/** What is shared by all rounds. */
interface Shared extends UplinkOptions {
  readonly state: UplinkState
  /** URLs of held results. */
  readonly waiting: Set<string>
}

export function createUplinkWatch(options: UplinkOptions): UplinkWatch {
  const state = createUplinkState(options)
  const shared: Shared = { ...options, state, waiting: new Set() }
  return {
    startRound: (trackers) => startRound(trackers, shared),
    holds: (url) => shared.waiting.has(url),
    use: state.use,
    isBlindTo: (known) => familiesOf(known).some((family) => state.lost.has(family)),
    stop: state.stop,
  }
}

function startRound(trackers: readonly Known[], shared: Shared): UplinkRound {
  const { known, onResult, waiting, state, patienceMs = PATIENCE_MS } = shared
  const { lost, hasWitnesses, inquire } = state
  const fine = trackers.filter(isFine)
  const tallies = { 4: createTally(fine, 4), 6: createTally(fine, 6) }
  const held = new Map<string, Held>()
  const asking = new Set<Promise<void>>()
  let isPatient = true
  let isDropped = false
  let timer: NodeJS.Timeout | undefined

  const judge = (family: Family): UplinkVerdict => {
    if (!isPatient) return judgeUplink(tallies[family].soFar())
    const verdict = judgeUplink(tallies[family].expected())
    return verdict === 'down' ? 'undecided' : verdict // the reason should name all that failed
  }
  const isOpen = (family: Family): boolean => judge(family) === 'undecided' && tallies[family].canDecide()

  const release = ({ results, suspects }: Held): void => {
    // Few trackers decide nothing: what stood before them stands.
    const blind = new Map([...lost].filter(([family]) => hasWitnesses(family) || judge(family) !== 'up'))
    for (const result of results) {
      waiting.delete(result.url)
      onResult(pardon(result, suspects, blind))
    }
  }
  const settle = (isOver: boolean): void => {
    for (const family of families) {
      const isLost = !hasWitnesses(family) && judge(family) === 'down'
      if (isLost) state.lose(family, uplinkDetail(family, tallies[family].soFar()))
    }
    for (const [key, one] of held) {
      if (!isOver && one.suspects.some(isOpen)) continue
      held.delete(key)
      release(one)
    }
  }
  const losePatience = (): void => {
    isPatient = false
    settle(false)
  }
  const hold = (result: CheckResult, suspects: readonly Family[]): void => {
    const key = suspects.join()
    const one = held.get(key) ?? { suspects, results: [] }
    held.set(key, one)
    one.results.push(result)
    waiting.add(result.url)
    timer ??= setTimeout(losePatience, patienceMs)
  }
  const askAbout = (result: CheckResult, suspects: readonly Family[]): void => {
    const witnessed = suspects.filter(hasWitnesses)
    waiting.add(result.url)
    const answer = Promise.all(witnessed.map(inquire)).then((told) => {
      asking.delete(answer)
      waiting.delete(result.url)
      if (isDropped || told.includes(false)) return
      const others = suspects.filter((family) => !witnessed.includes(family))
      if (others.length === 0 || witnessed.some((family) => lost.has(family))) {
        onResult(pardon(result, suspects, lost))
      } else {
        hold(result, others)
        settle(false)
      }
    })
    asking.add(answer)
  }
  const drop = (): void => {
    isDropped = true
    clearTimeout(timer)
    for (const { url } of [...held.values()].flatMap(({ results }) => results)) waiting.delete(url)
    held.clear()
  }
  const count = (result: CheckResult): void => {
    for (const family of families) {
      const sight = sightOf(result, family)
      if (sight !== null) tallies[family].add(result.url, sight)
      if (sight !== 'good') continue
      if (!hasWitnesses(family)) {
        if (judge(family) !== 'down') state.find(family, `a tracker answered over IPv${family}`)
      } else if (lost.has(family)) void inquire(family)
    }
  }
  /** A tracker that was not fine gives no reason to ask, but what is known by now counts for it too. */
  const excuse = (before: Known, result: CheckResult): CheckResult =>
    result.outcome.kind === 'failed' ? pardon(result, triedFamilies(before, result).filter(hasWitnesses), lost) : result

  for (const family of families) {
    if (hasWitnesses(family) && !state.isKnownUp(family)) void inquire(family)
  }
  return {
    take: (result) => {
      const before = known(result.url)
      if (before === undefined) return
      count(result)
      const suspects = suspectsOf(before, result)
      if (suspects.length === 0) onResult(excuse(before, result))
      else if (suspects.some(hasWitnesses)) askAbout(result, suspects)
      else hold(result, suspects)
      settle(false)
    },
    end: async () => {
      while (asking.size > 0) await Promise.all(asking)
      isPatient = false
      settle(true)
      drop()
    },
    drop,
  }
}
