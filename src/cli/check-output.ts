import type { CheckResult } from '../tracker/outcome.js'
import type { CheckInput } from './check-input.js'
import { checkJson } from './check-json.js'
import { createCheckLines } from './check-line.js'
import { createTally } from './check-tally.js'
import { type Io, note, print, printJson } from './io.js'
import { createPaint } from './paint.js'
import { startProgress } from './progress.js'

/** Where the results of `check` go. */
export interface CheckOutput {
  readonly result: (result: CheckResult, given: string) => void
  /** Once, after the last result; `silently` shows nothing more. */
  readonly end: (options: { readonly silently: boolean }) => void
  readonly allAlive: () => boolean
}

interface Flags {
  readonly json?: true
  readonly alive?: true
  readonly allowPrivate?: true
  readonly progress: boolean
}

/** Lines for people, JSON, or the alive URLs alone. */
export async function createCheckOutput(io: Io, input: CheckInput, flags: Flags): Promise<CheckOutput> {
  const total = input.trackers.length + input.problems.length
  const tally = createTally(total)
  const alive = new Set<string>()
  let hasPrivate = false
  const show = printer(io, input, flags)
  const progress = await startProgress(io, flags.progress ? total : 0)
  return {
    result: (result, given) => {
      tally.add(result)
      hasPrivate ||= isPrivate(result)
      if (result.alive) alive.add(given)
      progress.step(() => show(result, given))
    },
    end: ({ silently }) => {
      progress.stop()
      if (silently) return
      if (flags.alive) for (const { given } of input.trackers) if (alive.has(given)) print(io, given.trim())
      if (flags.json) return
      note(io, tally.summary())
      if (hasPrivate && !flags.allowPrivate) note(io, '--allow-private checks private and local addresses too')
    },
    allAlive: () => alive.size === total,
  }
}

function isPrivate({ outcome }: CheckResult): boolean {
  return outcome.kind === 'skipped' && (outcome.reason === 'private_address' || outcome.reason === 'local_name')
}

function printer(io: Io, input: CheckInput, flags: Flags): CheckOutput['result'] {
  if (flags.json) return (result, given) => printJson(io, checkJson(result, given))
  if (flags.alive) return () => {}
  const lineOf = createCheckLines(input, createPaint(io))
  return (result, given) => print(io, lineOf(result, given))
}
