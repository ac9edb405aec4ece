import type { Window } from '../../../tracker/uptime.js'
import { moment } from './parameters.js'
import { parameterProblemOf, parametersProblem } from './problem.js'

/** A stretch of time as two parameters. */
export const fromParameter = moment('From this moment on. Default: from the beginning.').optional()
export const toParameter = moment('Before this moment. Default: up to now.').optional()

/**
 * Half-open, up to now and that included where `to` is not given.
 * @throws {ProblemError} unless it begins before it ends
 */
export function windowOf({ from, to }: { from?: Date | undefined; to?: Date | undefined }, now: Date): Window {
  const window = { from: from ?? new Date(0), to: to ?? new Date(now.getTime() + 1) }
  if (window.from < window.to) return window
  const expected = `expected a moment before ${to === undefined ? 'now' : '"to"'}, ${window.to.toISOString()}`
  throw parametersProblem([parameterProblemOf('from', window.from.toISOString(), expected)])
}

/** The part of a window that begins at most at `atMs`. */
export function upTo({ from, to }: Window, atMs: number): Window {
  return { from, to: new Date(Math.max(from.getTime(), Math.min(to.getTime(), atMs + 1))) }
}
