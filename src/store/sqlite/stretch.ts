import { HOURS_PER_DAY } from '../../tracker/time.js'
import { dayOfHour } from './hours.js'

/** Numbers `[from, to)` of hours or days since 1970. */
type Range = readonly [from: number, to: number]

/** A stretch of hours: the whole days in it, and what is left before and after them. */
export interface Stretch {
  readonly hoursBefore: Range
  readonly days: Range
  readonly hoursAfter: Range
}

/** The stretch of the hours `[fromHour, toHour)`. Pure. */
export function stretchOf(fromHour: number, toHour: number): Stretch {
  const firstDay = Math.ceil(fromHour / HOURS_PER_DAY)
  const endDay = Math.max(firstDay, dayOfHour(toHour))
  const daysBeginAt = Math.min(firstDay * HOURS_PER_DAY, toHour)
  const daysEndAt = Math.min(endDay * HOURS_PER_DAY, toHour)
  return { hoursBefore: [fromHour, daysBeginAt], days: [firstDay, endDay], hoursAfter: [daysEndAt, toHour] }
}
