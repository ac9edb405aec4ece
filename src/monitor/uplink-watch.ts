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
  type UplinkVerdict,
  uplinkDetail,
} from './uplink.js'
import { createTally } from './uplink-tally.js'

export interface UplinkOptions {
  /** Undefined if the tracker is watched no more. */
  known(url: string): Known | undefined
  /** A result as it is to be recorded. */
  onResult(result: CheckResult): void
  /** A family is seen to be up for the first time, or changed. */
  onChange(family: Family, up: boolean, detail: string): void
  /** How long a round waits for more results before it judges by those it has, ms. */
  readonly patienceMs?: number
}

/** Stands between checks and history, and excuses the trackers where the fault is ours. */
export interface UplinkWatch {
  /** For checks that start together; `trackers` as they are before. */
  startRound(trackers: readonly Known[]): UplinkRound
  /** Whether a result of the tracker is held back: its next check is not due before that one counts. */
  holds(url: string): boolean
  /** Whether a check of the tracker would be made in vain. */
  isBlindTo(known: Known): boolean
}

/**
 * A failure of a tracker that was alive is held back until the round can tell whose fault it is: at once when enough of
 * the others answer, after `patienceMs` or with the last result when they do not. Everything else passes through.
 */
export interface UplinkRound {
  take(result: CheckResult): void
  /** All results are in: judges what is held. */
  end(): void
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
  /** URLs of held results. */
  readonly waiting: Set<string>
  readonly seen: Set<Family>
  /** The families that are down, with the reason. */
  readonly lost: Map<Family, string>
}

export function createUplinkWatch(options: UplinkOptions): UplinkWatch {
  const shared: Shared = { ...options, waiting: new Set(), seen: new Set(), lost: new Map() }
  return {
    startRound: (trackers) => startRound(trackers, shared),
    holds: (url) => shared.waiting.has(url),
    isBlindTo: (known) => familiesOf(known).some((family) => shared.lost.has(family)),
  }
}

function startRound(trackers: readonly Known[], shared: Shared): UplinkRound {
  const { known, onResult, waiting, lost, patienceMs = PATIENCE_MS } = shared
  const fine = trackers.filter(isFine)
  const tallies = { 4: createTally(fine, 4), 6: createTally(fine, 6) }
  const held = new Map<string, Held>()
  let isPatient = true
  let timer: NodeJS.Timeout | undefined

  const judge = (family: Family): UplinkVerdict => {
    if (!isPatient) return judgeUplink(tallies[family].soFar())
    const verdict = judgeUplink(tallies[family].expected())
    return verdict === 'down' ? 'undecided' : verdict // the reason should name all that failed
  }
  const isOpen = (family: Family): boolean => judge(family) === 'undecided' && tallies[family].canDecide()

  const release = ({ results, suspects }: Held): void => {
    // Few trackers decide nothing: what stood before them stands.
    const blind = new Map([...lost].filter(([family]) => judge(family) !== 'up'))
    for (const result of results) {
      waiting.delete(result.url)
      onResult(pardon(result, suspects, blind))
    }
  }
  const settle = (isOver: boolean): void => {
    for (const family of families) {
      if (judge(family) === 'down') lose(family, uplinkDetail(family, tallies[family].soFar()), shared)
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
  const drop = (): void => {
    clearTimeout(timer)
    for (const { url } of [...held.values()].flatMap(({ results }) => results)) waiting.delete(url)
    held.clear()
  }
  const count = (result: CheckResult): void => {
    for (const family of families) {
      const sight = sightOf(result, family)
      if (sight !== null) tallies[family].add(result.url, sight)
      if (sight === 'good' && judge(family) !== 'down') find(family, shared)
    }
  }

  return {
    take: (result) => {
      const before = known(result.url)
      if (before === undefined) return
      count(result)
      const suspects = suspectsOf(before, result)
      if (suspects.length === 0) onResult(result)
      else hold(result, suspects)
      settle(false)
    },
    end: () => {
      isPatient = false
      settle(true)
      drop()
    },
    drop,
  }
}

function lose(family: Family, detail: string, { lost, seen, onChange }: Shared): void {
  const isChange = !lost.has(family)
  seen.add(family)
  lost.set(family, detail)
  if (isChange) onChange(family, false, detail)
}

function find(family: Family, { lost, seen, onChange }: Shared): void {
  const isChange = lost.delete(family) || !seen.has(family)
  seen.add(family)
  if (isChange) onChange(family, true, `a tracker answered over IPv${family}`)
}
