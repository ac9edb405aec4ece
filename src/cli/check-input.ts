import type { Readable } from 'node:stream'
import { ListSourceError, readList } from '../monitor/list-source.js'
import { ListError, parseTrackerList } from '../tracker/list.js'
import { maskUrl } from '../tracker/mask.js'
import { parseTracker, type Tracker, type UrlProblem } from '../tracker/tracker.js'
import { UsageError } from './usage.js'

/** What is to be checked: each tracker once, in the order given. */
export interface CheckInput {
  readonly trackers: readonly GivenTracker[]
  readonly problems: readonly GivenProblem[]
}

export interface GivenTracker {
  readonly tracker: Tracker
  /** The text as given; of several spellings of one tracker the first. */
  readonly given: string
}

/** An entry that is no announce URL. */
export interface GivenProblem {
  /** `file:line:column`, the number of the argument, or `torrent`. */
  readonly place: string
  readonly text: string
  readonly problem: UrlProblem
}

interface Batch {
  readonly trackers: readonly GivenTracker[]
  readonly problems: readonly GivenProblem[]
}

/** URLs of the command line, then those of each list. Throws a `UsageError` for a list that cannot be read. */
export async function readCheckInput(
  urls: readonly string[],
  files: readonly string[],
  stdin: Readable,
  signal: AbortSignal,
): Promise<CheckInput> {
  const batches = [fromTexts(urls, (index) => `argument ${index + 1}`)]
  for (const file of files) batches.push(await fromList(file, stdin, signal))
  const input = merged(batches)
  if (input.trackers.length + input.problems.length > 0) return input
  throw new UsageError(`${files.map(nameOf).join(', ')}: no announce URL in it`)
}

/** Texts that are to be announce URLs, with the place of each for messages. */
export function checkInputOf(texts: readonly string[], placeOf: (index: number) => string): CheckInput {
  return merged([fromTexts(texts, placeOf)])
}

function merged(batches: readonly Batch[]): CheckInput {
  const byUrl = new Map<string, GivenTracker>()
  for (const one of batches.flatMap(({ trackers }) => trackers)) {
    if (!byUrl.has(one.tracker.url)) byUrl.set(one.tracker.url, one)
  }
  const problems = batches.flatMap((batch) => batch.problems)
  return { trackers: [...byUrl.values()], problems: firstOfEachText(problems) }
}

function fromTexts(texts: readonly string[], placeOf: (index: number) => string): Batch {
  const trackers: GivenTracker[] = []
  const problems: GivenProblem[] = []
  for (const [index, given] of texts.entries()) {
    const { tracker, problem } = parseTracker(given)
    if (tracker !== undefined) trackers.push({ tracker, given })
    else problems.push({ place: placeOf(index), text: given, problem })
  }
  return { trackers, problems }
}

async function fromList(file: string, stdin: Readable, signal: AbortSignal): Promise<Batch> {
  const list = await parsed(file, stdin, signal)
  const problems = list.problems.map(({ line, column, given, problem }) => {
    return { place: `${nameOf(file)}:${line}:${column}`, text: given, problem }
  })
  return { trackers: list.trackers, problems }
}

async function parsed(file: string, stdin: Readable, signal: AbortSignal) {
  try {
    // Not one chunk of stdin is touched unless it is asked for.
    return parseTrackerList(await readList(file, file === '-' ? { signal, stdin } : { signal }))
  } catch (error) {
    if (error instanceof ListSourceError) throw new UsageError(error.message, { cause: error })
    if (error instanceof ListError) throw new UsageError(`${nameOf(file)}: ${error.message}`, { cause: error })
    throw error
  }
}

function nameOf(file: string): string {
  return file === '-' ? 'stdin' : maskUrl(file)
}

function firstOfEachText(problems: readonly GivenProblem[]): readonly GivenProblem[] {
  const seen = new Set<string>()
  return problems.filter(({ text }) => !seen.has(text) && seen.add(text))
}
