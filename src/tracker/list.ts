import { maskUrl } from './mask.js'
import { parseTracker, type Tracker, type UrlProblem } from './tracker.js'

/** What a list of announce URLs says: its trackers, and the entries that are none. */
export interface TrackerList {
  /** In the order of the text; of entries with the same canonical URL the first. */
  readonly trackers: readonly ListedTracker[]
  readonly problems: readonly ListProblem[]
}

export interface ListedTracker {
  readonly tracker: Tracker
  /** The entry as it stands in the text. */
  readonly given: string
  /** From 1. */
  readonly line: number
}

export interface ListProblem {
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units. */
  readonly column: number
  /** The entry as it stands in the text. */
  readonly given: string
  /** The same with secrets masked and shortened for reading. */
  readonly text: string
  readonly problem: UrlProblem
}

/** A text that is no list of announce URLs at all, or a list beyond the limits. */
export class ListError extends Error {
  override readonly name = 'ListError'
}

export const MAX_LIST_CHARACTERS = 8 * 1024 * 1024
const MAX_LIST_TRACKERS = 50_000
const MAX_SHOWN_CHARACTERS = 100
/** How much of a text is looked at to tell text from something else. */
const SAMPLE_CHARACTERS = 64 * 1024

/**
 * Text → trackers, leniently: blank lines, comments from `#` or `;` at the start of a line or after white space, any
 * line ends, a byte-order mark, several URLs on a line with commas or white space between them, duplicates. Throws
 * `ListError` for content that is no list (binary, HTML) and beyond 8 MiB or 50,000 trackers.
 */
export function parseTrackerList(text: string): TrackerList {
  const unfit = listTextProblem(text)
  if (unfit !== null) throw new ListError(unfit)
  const trackers = new Map<string, ListedTracker>()
  const problems: ListProblem[] = []
  for (const { given, line, column } of entriesOf(text)) {
    const { tracker, problem } = parseTracker(given)
    if (tracker === undefined) problems.push({ line, column, given, text: shown(given), problem })
    else if (!trackers.has(tracker.url)) trackers.set(tracker.url, { tracker, given, line })
    if (trackers.size > MAX_LIST_TRACKERS) throw new ListError('more than 50,000 trackers, expected at most that many')
    if (problems.length > MAX_LIST_TRACKERS) throw new ListError('more than 50,000 entries that are no announce URL')
  }
  return { trackers: [...trackers.values()], problems }
}

/** Why a text cannot be a list of announce URLs, or null. */
export function listTextProblem(text: string): string | null {
  if (text.length > MAX_LIST_CHARACTERS) return `${text.length} characters, expected at most 8 MiB`
  if (text.includes('\0')) return 'binary content (a NUL byte), expected UTF-8 text with one announce URL per line'
  const sample = text.slice(0, SAMPLE_CHARACTERS)
  const unprintable = sample.match(/[\x01-\x08\x0e-\x1f\x7f-\x9f\ufffd]/g)?.length ?? 0
  if (unprintable > sample.length / 10) return 'binary content, expected UTF-8 text with one announce URL per line'
  if (/^\s*</.test(sample)) {
    return 'an HTML or XML page, expected plain text with one announce URL per line'
  }
  return null
}

interface Entry {
  readonly given: string
  readonly line: number
  readonly column: number
}

function* entriesOf(text: string): Generator<Entry> {
  let line = 0
  for (const content of text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)) {
    line += 1
    yield* entriesOfLine(content, line)
  }
}

/** A comma or white space separates only where a new scheme follows: URLs may contain commas. */
function* entriesOfLine(content: string, line: number): Generator<Entry> {
  const comment = content.search(/(?<!\S)[#;]/)
  const used = comment === -1 ? content : content.slice(0, comment)
  let start = -1
  let end = -1
  for (const { 0: word, index } of used.matchAll(/[^\s,]+/g)) {
    if (start !== -1 && /^[a-z][a-z0-9+.-]*:\/\//i.test(word)) {
      yield { given: used.slice(start, end), line, column: start + 1 }
      start = -1
    }
    if (start === -1) start = index
    end = index + word.length
  }
  if (start !== -1) yield { given: used.slice(start, end), line, column: start + 1 }
}

function shown(given: string): string {
  const text = maskUrl(given).replace(/[\x00-\x1f\x7f-\x9f\ufffd]+/g, '?')
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text
}
