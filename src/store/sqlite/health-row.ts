import type { Health } from '../../tracker/health.js'
import type { trackerState } from './schema.js'

type StateRow = typeof trackerState.$inferSelect
type HealthRow = Omit<StateRow, 'trackerId' | 'lastTimes' | 'lastOkAt'>

export function healthRow(health: Health): HealthRow {
  const { streak, ...rest } = health
  return {
    ...rest,
    streakGood: streak?.good ?? null,
    streakCount: streak?.count ?? null,
    streakSince: streak?.since ?? null,
  }
}

export function healthOf(row: HealthRow): Health {
  const { status, since, checkedAt, lastVerdict, unobservedSince, holdMs } = row
  const { streakGood: good, streakCount: count, streakSince } = row
  const none = good === null || count === null || streakSince === null
  const streak = none ? null : { good, count, since: streakSince }
  return { status, since, checkedAt, streak, lastVerdict, unobservedSince, holdMs }
}
