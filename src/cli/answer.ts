import { parseInfoHash } from '../bittorrent/info-hash.js'
import { TrackerQueryError } from '../probe/query-errors.js'
import { parseTracker } from '../tracker/tracker.js'
import { exitCodes } from './command.js'
import { interruptible } from './interrupt.js'
import { type Io, note, plain, print, printJson } from './io.js'
import { quoted, UsageError } from './usage.js'
import { parseValue } from './values.js'

/** What `query` and `scrape` have in common: one question, and an answer, a refusal, or none. */

export function requireAnnounceUrl(url: string): void {
  const { problem } = parseTracker(url)
  if (problem !== undefined) throw new UsageError(`announce URL ${quoted(url)}: ${problem.message}`)
}

export function requireInfoHash(text: string): Uint8Array {
  return parseValue('INFO_HASH:', () => parseInfoHash(text))
}

/** `K: V` lines → headers. */
export function parseHeaders(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? []
      if (name !== undefined && value !== undefined) return [name, value]
      throw new UsageError(`--header is ${quoted(line)}, expected "Name: value"`)
    }),
  )
}

interface Refusal {
  readonly failureReason: string
  readonly failureReasonHex?: string
}

interface Question<T extends object> {
  readonly url: string
  readonly json: boolean
  readonly ask: (signal: AbortSignal) => Promise<Refusal | T>
  readonly toJson: (answer: T) => object
  readonly toLines: (answer: T) => readonly string[]
}

/** Asks and shows the answer. A refusal is an answer too, but not what was asked for: exit code 1, as for none. */
export async function showAnswer<T extends object>(io: Io, question: Question<T>): Promise<number> {
  const { url, json, ask, toJson, toLines } = question
  const answer = await answerOrNote(io, ask)
  if (answer === null) return exitCodes.notAlive
  if (isRefusal(answer)) {
    const { failureReason, failureReasonHex } = answer
    if (json) printJson(io, { url, failureReason, failureReasonHex })
    else print(io, `refused: ${plain(failureReason)}`)
    return exitCodes.notAlive
  }
  if (json) printJson(io, { url, ...toJson(answer) })
  else for (const line of toLines(answer)) print(io, plain(line))
  return exitCodes.ok
}

async function answerOrNote<T>(io: Io, ask: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
  try {
    return await interruptible(io, ask)
  } catch (error) {
    // What is out of range for this protocol alone, such as an IPv6 address over UDP, only the encoder knows.
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error })
    if (!(error instanceof TrackerQueryError)) throw error
    note(io, error.message)
    return null
  }
}

function isRefusal(answer: object): answer is Refusal {
  return 'failureReason' in answer && typeof answer.failureReason === 'string'
}
