import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CheckRecord, Store } from '../store/store.js'
import { maskUrl } from '../tracker/mask.js'
import type { CheckResult } from '../tracker/outcome.js'
import type { TrackerState } from '../tracker/state.js'
import { isRecheckDue, type Known, type PlannedCheck, planBeat, planCatchUp } from './due.js'
import { createFleet, type Fleet } from './fleet.js'
import { createGate, type Gate } from './gate.js'
import type { MonitorHooks } from './hooks.js'
import type { Logger } from './log.js'
import { type MonitorPlan, pacesOf, usedFamilies } from './plan.js'
import { type Recorder, startRecorder } from './recorder.js'
import type { CheckFn } from './round.js'
import { createRounds, type Rounds } from './rounds.js'
import { type Schedule, startSchedule } from './schedule.js'
import { createUplinkWatch, type UplinkWatch } from './uplink-watch.js'
import { noWitnesses, type Witnesses } from './uplink-witnesses.js'

export interface MonitorOptions {
  readonly store: Pick<Store, 'watch' | 'states' | 'record'>
  readonly check: CheckFn
  readonly plan: MonitorPlan
  readonly hooks: MonitorHooks
  readonly log: Logger
  readonly now?: () => Date
  /** Absent: trackers that fail together tell alone when it is our own network. */
  readonly witnesses?: Witnesses
}

export interface MonitorStatus {
  /** End of the last completed round, of any group, in this run. */
  readonly lastRoundAt: Date | null
  readonly nextBeatAt: Date | null
  /** Checks under way. */
  readonly inFlight: number
  /** Checks that are not durable yet. */
  readonly queue: number
}

export interface Monitor {
  /**
   * Changes what is watched and how. New trackers are checked within the spread, those gone are checked no more and
   * what is under way for them is forgotten, the others keep their health and their place. Rejects if the store
   * refuses; the old plan then stays.
   */
  update(plan: MonitorPlan): Promise<void>
  status(): MonitorStatus
  /**
   * Ends beats, aborts checks under way and writes what has ended. Neither the aborted ones are recorded nor those that
   * wait for the verdict about their round. Idempotent.
   */
  stop(): Promise<void>
}

/** What the functions below share. */
interface Parts extends MonitorOptions {
  readonly now: () => Date
  readonly fleet: Fleet
  readonly gate: Gate
  readonly recorder: Recorder
  readonly rounds: Rounds
  readonly uplink: UplinkWatch
  readonly schedule: Schedule
  readonly progress: { lastRoundAt: Date | null; stopped: boolean; tick: NodeJS.Timeout | undefined }
}

/** Due re-checks are looked for this often, or at the re-check time where that is shorter. */
const RECHECK_TICK_MS = 1_000

/**
 * Watches the trackers of a plan. Resolves when the first rounds are planned: trackers never checked, and those whose
 * time passed while nothing ran, are due at once, spread like any round; the others wait for their beat. Rejects with
 * the store's error if that cannot tell what it knows.
 */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const parts = assemble(options)
  const { gate, recorder, rounds, uplink, schedule, progress } = parts
  await adopt(parts, options.plan)
  let updated = Promise.resolve()
  let stopped: Promise<void> | null = null

  const update = (plan: MonitorPlan): Promise<void> => {
    const adopted = updated.then(() => adopt(parts, plan))
    updated = adopted.catch(() => {}) // the caller is told; the next update starts afresh
    return adopted
  }
  const stop = async (): Promise<void> => {
    progress.stopped = true
    schedule.stop()
    clearInterval(progress.tick)
    uplink.stop()
    await rounds.stop()
    await Promise.all([recorder.stop(), updated])
    await nextTurn() // the aborted rounds tell their end
  }
  return {
    update,
    status: () => ({
      lastRoundAt: progress.lastRoundAt,
      nextBeatAt: schedule.nextBeatAt(),
      inFlight: gate.inFlight(),
      queue: recorder.queued(),
    }),
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

function assemble(options: MonitorOptions): Parts {
  const { store, check, hooks, log, now = () => new Date(), witnesses = noWitnesses } = options
  const fleet = createFleet(options.plan)
  const gate = createGate(() => fleet.plan().policy.concurrency)
  const recorder = startRecorder({
    store,
    log,
    onRecorded: (records) => tell(records, fleet, hooks),
    onError: (error) => hooks.onDatabaseError('record', error),
    onDropped: hooks.onDropped,
  })
  const onResult = (result: CheckResult): void => {
    const record = fleet.apply(result)
    if (record !== null) recorder.push(record)
  }
  const uplink = createUplinkWatch({
    known: fleet.get,
    onResult,
    onChange: guarded(hooks.onUplink, hooks),
    witnesses,
  })
  const rounds = createRounds({ check, gate, isWatched: (url) => fleet.get(url) !== undefined })
  const schedule = startSchedule({
    onBeat: (group) => runRoundOf(parts, group, planBeat(idleOf(parts, group), fleet.paceOf(group), now())),
    onMissed: (group, slot, because) => {
      log.warn({ group, slot, because }, 'beat missed')
      hooks.onBeatMissed(group, because)
    },
    onLag: hooks.onLag,
    onError: hooks.onCrash,
  })
  const progress = { lastRoundAt: null, stopped: false, tick: undefined }
  const parts: Parts = { ...options, now, fleet, gate, recorder, rounds, uplink, schedule, progress }
  return parts
}

/** Makes the plan the one that is followed. */
async function adopt(parts: Parts, plan: MonitorPlan): Promise<void> {
  const { fleet, uplink, schedule, progress } = parts
  if (progress.stopped) return
  pacesOf(plan) // throws before anything has changed
  const states = await watch(parts, plan)
  if (progress.stopped) return
  fleet.set(plan, states)
  uplink.use(usedFamilies(plan))
  schedule.set(new Map(plan.groups.map((group) => [group.name, group.schedule])))
  clearInterval(progress.tick)
  progress.tick = setInterval(() => recheck(parts), Math.min(RECHECK_TICK_MS, plan.policy.recheckMs))
  catchUp(parts)
}

/** The queue is written first, so that the store knows what we know. */
async function watch({ store, recorder, hooks, log, now }: Parts, plan: MonitorPlan): Promise<readonly TrackerState[]> {
  await recorder.flush()
  try {
    for (const { url, alias, joined } of await store.watch(plan.watched, now())) {
      const fields = { tracker: maskUrl(url), alias: maskUrl(alias) }
      if (joined) log.info(fields, 'history of an alias joined')
      else log.warn(fields, 'history of an alias not joined, the tracker has one of its own')
    }
    return await store.states()
  } catch (error) {
    hooks.onDatabaseError('watch', error)
    throw error
  }
}

function catchUp(parts: Parts): void {
  const { fleet, hooks, now } = parts
  for (const { name } of fleet.plan().groups) {
    const planned = planCatchUp(idleOf(parts, name), fleet.paceOf(name), now())
    if (planned.length > 0) runRoundOf(parts, name, planned).catch(hooks.onCrash)
  }
}

/** Not while we are blind: the next beat will tell. */
function recheck(parts: Parts): void {
  const { fleet, uplink, hooks, now } = parts
  const isDue = (known: Known): boolean =>
    !isTaken(parts, known) && isRecheckDue(known, fleet.paceOf(known.group), now()) && !uplink.isBlindTo(known)
  const planned = fleet.all().flatMap((watched) => (isDue(watched) ? [{ watched, startMs: 0 }] : []))
  if (planned.length > 0) runChecks(parts, planned).catch(hooks.onCrash)
}

/** The trackers of a group that are neither planned nor being checked. */
function idleOf(parts: Parts, group: string): Known[] {
  return parts.fleet.all().filter((known) => known.group === group && !isTaken(parts, known))
}

function isTaken({ rounds, uplink }: Parts, known: Known): boolean {
  return rounds.isTaken(known) || uplink.holds(known.tracker.url)
}

/** Ends when every result counts, or is forgotten with a stop. */
async function runChecks(
  { rounds, uplink, progress }: Parts,
  planned: readonly PlannedCheck<Known>[],
): Promise<number> {
  const round = uplink.startRound(planned.map(({ watched }) => watched))
  try {
    const checked = await rounds.run(planned, round.take)
    if (!progress.stopped) await round.end()
    return checked
  } finally {
    round.drop()
  }
}

/** Ends when the results are durable, so that whoever hears of the end of a round finds them in the store. */
async function runRoundOf(parts: Parts, group: string, planned: readonly PlannedCheck<Known>[]): Promise<void> {
  const { recorder, hooks, now, progress } = parts
  const beganAt = performance.now()
  const checked = await runChecks(parts, planned)
  const durationMs = performance.now() - beganAt
  const endedAt = now()
  const result = progress.stopped ? 'aborted' : 'completed'
  if (result === 'completed') progress.lastRoundAt = endedAt
  await recorder.flush()
  hooks.onRoundEnd({ group, result, durationMs, checked, endedAt })
}

function tell(records: readonly CheckRecord[], fleet: Fleet, hooks: MonitorHooks): void {
  for (const record of records) {
    const known = fleet.get(record.result.url)
    try {
      if (known !== undefined) hooks.onRecorded(record, known)
    } catch (error) {
      hooks.onCrash(error)
    }
  }
}

/** A hook that throws is a crash, wherever it is called. */
function guarded<A extends unknown[]>(hook: (...args: A) => void, { onCrash }: MonitorHooks): (...args: A) => void {
  return (...args) => {
    try {
      hook(...args)
    } catch (error) {
      onCrash(error)
    }
  }
}
