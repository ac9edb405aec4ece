import { ListError, parseTrackerList } from '../tracker/list.js'
import type { Tracker } from '../tracker/tracker.js'

/** An entry of a submitted list: a tracker, or a text that is none and why. */
export type ReadLine = { readonly tracker: Tracker } | { readonly text: string; readonly refused: string }

/** Lines of one submission that are looked at. */
const MAX_LINES = 1_000

/** Text → its entries, leniently as all lists are read, and not too many of them. */
export function submittedLines(text: string): readonly ReadLine[] {
  try {
    const { trackers, problems } = parseTrackerList(text)
    const wrong = problems.map((one) => ({ text: one.text, refused: one.problem.message }))
    const lines: readonly ReadLine[] = [...trackers.map(({ tracker }) => ({ tracker })), ...wrong]
    const more = lines.length - MAX_LINES
    if (more <= 0) return lines
    return [...lines.slice(0, MAX_LINES), { text: `${more} more`, refused: `expected at most ${MAX_LINES} at a time` }]
  } catch (error) {
    if (!(error instanceof ListError)) throw error
    return [{ text: 'the whole text', refused: error.message }]
  }
}
