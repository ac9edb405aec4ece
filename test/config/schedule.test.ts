import { describe, expect, it } from 'vitest'
import { scheduleProblem, scheduleWarning } from '../../src/config/schedule.js'

describe('scheduleProblem', () => {
  it.each(['*/10 * * * *', '* * * * * *', '*/30 * * * * *', '0 4 * * mon-fri', '10-50/20 8-18 1,15 * *', '@hourly'])(
    'accepts "%s"',
    (beat) => {
      expect(scheduleProblem(beat)).toBeNull()
    },
  )

  it.each([
    ['', 'pattern includes illegal characters'],
    ['* * * *', 'expected 5 or 6 fields but got 4'],
    ['61 * * * *', '61 is a invalid expression for minute'],
    ['*/0 * * * *', '*/0 is a invalid expression for minute'],
    ['0 0 31 2 *', '31 2 is an impossible day of month for the given month'],
  ])('refuses "%s"', (beat, because) => {
    expect(scheduleProblem(beat)).toBe(`"${beat}", expected a cron beat such as "*/10 * * * *" (${because})`)
  })

  it.each([
    ['*/90 * * * * *', '"*/90 * * * * *", expected a step of at most 59 in "*/90": the second runs from 0 to 59'],
    ['*/60 * * * *', '"*/60 * * * *", expected a step of at most 59 in "*/60": the minute runs from 0 to 59'],
    ['0 */24 * * *', '"0 */24 * * *", expected a step of at most 23 in "*/24": the hour runs from 0 to 23'],
    [
      '10-20/15 * * * *',
      '"10-20/15 * * * *", expected a step of at most 10 in "10-20/15": the minute runs from 0 to 59',
    ],
    ['0 0 */31 * *', '"0 0 */31 * *", expected a step of at most 30 in "*/31": the day of month runs from 1 to 31'],
  ])('refuses "%s", whose step never comes to a second value', (beat, problem) => {
    expect(scheduleProblem(beat)).toBe(problem)
  })
})

describe('scheduleWarning', () => {
  it('tells that cron cannot say "every 7 minutes"', () => {
    expect(scheduleWarning('*/7 * * * *')).toBe(
      '"*/7" does not fire every 7 minutes: 60 is no multiple of 7, the last gap is shorter',
    )
    expect(scheduleWarning('0 */5 * * *')).toMatch(/^"\*\/5" does not fire every 5 hours: 24/)
  })

  it.each(['*/10 * * * *', '*/15 */6 * * * *', '0 0 */2 * *', '5-55/7 * * * *'])(
    'has nothing to say about "%s"',
    (beat) => {
      expect(scheduleWarning(beat)).toBeNull()
    },
  )
})
