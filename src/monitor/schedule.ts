import { createTask, type ScheduledTask } from 'node-cron'
import type { BeatInterval } from './due.js'

/** Why a beat did not happen: the process woke up after the next one was due, or its last round was still running. */
export type MissedBecause = 'late' | 'overlap'

export interface ScheduleOptions {
  /** Called at each beat of a group. The group's next beat is skipped while the promise is pending. */
  onBeat(group: string, slot: Date): Promise<void>
  onMissed(group: string, slot: Date, because: MissedBecause): void
  /** How late a beat came, ms. */
  onLag(lagMs: number): void
  /** `onBeat` threw or rejected. */
  onError(error: unknown): void
}

export interface Schedule {
  /** Group → cron expression. A beat that stays as it was is not disturbed. */
  set(beats: ReadonlyMap<string, string>): void
  /** The next beat of any group; null without groups. */
  nextBeatAt(): Date | null
  /** Idempotent. Does not wait for what `onBeat` started. */
  stop(): void
}

/** Beats seen ahead to tell the shortest and the longest interval: more than a day of an hourly beat. */
const BEATS_AHEAD = 48

/** Cron beats, one task per group. Expressions are validated ones (`config/schedule.ts`). */
export function startSchedule(options: ScheduleOptions): Schedule {
  const tasks = new Map<string, ScheduledTask>()
  const remove = (group: string): void => {
    void tasks.get(group)?.destroy()
    tasks.delete(group)
  }
  return {
    set: (beats) => {
      for (const [group, task] of tasks) if (beats.get(group) !== task.getPattern()) remove(group)
      for (const [group, expression] of beats) {
        if (!tasks.has(group)) tasks.set(group, startTask(group, expression, options))
      }
    },
    nextBeatAt: () => {
      const nexts = [...tasks.values()].flatMap((task) => task.getNextRun()?.getTime() ?? [])
      return nexts.length === 0 ? null : new Date(Math.min(...nexts))
    },
    stop: () => {
      for (const group of [...tasks.keys()]) remove(group)
    },
  }
}

function startTask(group: string, expression: string, options: ScheduleOptions): ScheduledTask {
  const { onBeat, onMissed, onLag, onError } = options
  const beat = async ({ date }: { readonly date: Date }): Promise<void> => {
    onLag(Math.max(0, Date.now() - date.getTime()))
    await onBeat(group, date)
  }
  const task = createTask(expression, (context) => beat(context).catch(onError), {
    noOverlap: true,
    // By default a beat that wakes 1 s late is skipped. node-cron caps the tolerance at the gap to the next beat.
    missedExecutionTolerance: Number.POSITIVE_INFINITY,
    // Without it node-cron prints; what it would say reaches us by the events below.
    logger: { debug: silent, info: silent, warn: silent, error: onError },
  })
  task.on('execution:missed', ({ date }) => onMissed(group, date, 'late'))
  task.on('execution:overlap', ({ date }) => onMissed(group, date, 'overlap'))
  void task.start()
  return task
}

/** The intervals between the next beats of an expression: every 7th minute is 7 minutes apart, but 4 before the hour. */
export function beatInterval(expression: string): BeatInterval {
  const task = createTask(expression, silent)
  const beats = task.getNextRuns(BEATS_AHEAD).map((date) => date.getTime())
  void task.destroy()
  const gaps = beats.slice(1).map((at, index) => at - (beats[index] ?? at))
  return { shortestMs: Math.min(...gaps), longestMs: Math.max(...gaps) }
}

function silent(): void {}
