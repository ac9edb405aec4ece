import { getEventListeners, setMaxListeners } from 'node:events'
import { writeSync } from 'node:fs'
import { checkTracker } from '../../src/probe/check-trackers.js'
import { query, scrape } from '../../src/probe/query.js'
import { TrackerQueryError } from '../../src/probe/query-errors.js'
import { messageOf } from '../../src/tracker/outcome.js'
import type { AskerReport, AskerTask } from './ask-in-child.js'

/** Asks trackers in a process of its own, which ends by itself: `asker.ts TASK`. */
const [, , given = ''] = process.argv
const { asks, timeoutMs, atOnce }: AskerTask = JSON.parse(given)
const { signal } = new AbortController()
setMaxListeners(0, signal)
const options = { timeoutMs, attempts: 1, allowPrivate: true, signal }
const INFO_HASH = 'aa'.repeat(20)

/** Our own sentences quote strangers. */
const UNFIT = /[\x00-\x1f\x7f-\x9f]/
const LONGEST = 1000

const said: string[] = asks.map(() => 'nothing')
let next = 0
await Promise.all(Array.from({ length: atOnce }, work))
const { length: listeners } = getEventListeners(signal, 'abort')
// A farewell may take 2 s more, and nobody waits for it.
const givingUp = setTimeout(() => {
  report(process.getActiveResourcesInfo())
  process.exit()
}, 10_000).unref()
process.once('beforeExit', () => {
  clearTimeout(givingUp)
  report([])
})

/** `left`: what still keeps the process alive. */
function report(left: readonly string[]): void {
  const told: AskerReport = { said, listeners, left, peakMb: process.resourceUsage().maxRSS / 1024 }
  writeSync(1, JSON.stringify(told))
}

async function work(): Promise<void> {
  while (next < asks.length) {
    const index = next++
    const { url, what } = asks[index] ?? { url: '', what: 'check' }
    said[index] = await (what === 'check' ? checked(url) : asked(url, what)).catch(bug)
  }
}

async function checked(url: string): Promise<string> {
  const { outcome } = await checkTracker(url, options)
  const text = messageOf(outcome) ?? ''
  if (UNFIT.test(text) || text.length > LONGEST) return `bug: ${JSON.stringify(text)} is not fit to be printed`
  return outcome.kind === 'failed' || outcome.kind === 'skipped' ? `${outcome.kind} ${outcome.code}` : outcome.kind
}

async function asked(url: string, what: 'query' | 'scrape'): Promise<string> {
  try {
    await (what === 'query' ? query(url, INFO_HASH, '-TT0001-', options) : scrape(url, INFO_HASH, options))
    return 'answered'
  } catch (error) {
    if (error instanceof TrackerQueryError) return `${error.name} ${error.code}`
    throw error
  }
}

function bug(error: unknown): string {
  return `bug: ${error instanceof Error ? error.stack : String(error)}`
}
