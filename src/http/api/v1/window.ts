import type { Window } from '../../../tracker/uptime.js'
import { moment } from './parameters.js'
import { parameterProblemOf, parametersProblem } from './problem.js'

/** A stretch of time as two parameters. */
export const fromParameter = moment('From this moment on. Default: from the beginning.').optional()
export const toParameter = moment('Before this moment. Default: up to now.').optional()

interface Ends {
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

/**
 * Half-open, up to now and that included where `to` is not given.
 * @throws {ProblemError} unless it begins before it ends
 */
export function windowOf(given: Ends, now: Date): Window {
  const { from = new Date(0), to = new Date(now.getTime() + 1) } = given
  return ascending({ from, to }, given)
}

/**
 * The window itself. Blames what was given.
 * @throws {ProblemError} unless it begins before it ends
 */
export function ascending({ from, to }: Window, given: Ends): Window {
  if (from < to) return { from, to }
  if (given.from === undefined) {
    const expected = `expected a moment after ${from.toISOString()}`
    throw parametersProblem([parameterProblemOf('to', to.toISOString(), expected)])
  }
  const expected = `expected a moment before ${endOf(given)}, ${to.toISOString()}`
  throw parametersProblem([parameterProblemOf('from', from.toISOString(), expected)])
}

/** How a sentence names the end of a window. */
export function endOf({ to }: Ends): string {
  return to === undefined ? 'now' : '"to"'
}

/** The part of a window that begins at most at `atMs`. */
export function upTo({ from, to }: Window, atMs: number): Window {
  return { from, to: new Date(Math.max(from.getTime(), Math.min(to.getTime(), atMs + 1))) }
}
