/**
 * The process under test: checks at an even rate, every verdict compared at once, so that all it keeps are counts. The
 * checks go by turns through the library, as a user's program calls it, and through the checker that a daemon keeps for
 * its whole life. Ends by itself when all is over.
 */
import { toConfig } from '../../dist/config/config.js'
import { settingsSchema } from '../../dist/config/schema.js'
import { createChecker } from '../../dist/daemon/plan.js'
import { type CheckResult, checkTrackers, type Flag, parseTracker } from '../../dist/index.js'
import { createIdentity } from '../../dist/probe/identity.js'
import type { Target } from './targets.js'
import type { Sample } from './trend.js'

export interface ChecksTask {
  readonly targets: readonly Target[]
  readonly dns: string
  readonly perSecond: number
  readonly seconds: number
}

export interface ChecksReport {
  readonly given: number
  readonly ended: number
  /** From the first check to the start of the last. */
  readonly sendingMs: number
  readonly mostAtOnce: number
  /** Verdicts with their counts: how many were right, and those that were not, `url: verdict, expected verdict`. */
  readonly right: number
  /** No verdict, since our own process stood still. */
  readonly withheld: number
  readonly wrong: Readonly<Record<string, number>>
  /** Results that came for a URL that nobody had given, or more than once. */
  readonly strays: number
  readonly samples: readonly Sample[]
  /** Sockets and timers beyond those at the start, when all is over. */
  readonly left: readonly string[]
}

const TIMEOUT_MS = 3000
const TICK_MS = 100
const SAMPLES = 100
const MOST_WRONG_KEPT = 50

process.once('message', async (task: ChecksTask) => {
  const report = await soak(task)
  process.send?.(report, () => process.disconnect())
})

async function soak(task: ChecksTask): Promise<ChecksReport> {
  const { targets, perSecond, seconds } = task
  const idle = process.getActiveResourcesInfo()
  const checker = openChecker(task.dns)
  const tally = createTally()
  const { count } = tally
  const samples: Sample[] = []
  const running = new Set<Promise<void>>()

  const run = async (batch: readonly Target[], byLibrary: boolean): Promise<void> => {
    const onResult = tally.open(batch)
    const options = { allowPrivate: true, timeoutMs: TIMEOUT_MS, dnsServers: [task.dns], onResult }
    // Every other URL is given twice, in the same call.
    const urls = batch.flatMap(({ url }, index) => (index % 2 === 0 ? [url, url] : [url]))
    if (byLibrary) await checkTrackers(urls, options)
    else await Promise.all(batch.map(async ({ url }) => onResult(await checker.check(url), url)))
  }

  const startedMs = performance.now()
  const total = perSecond * seconds
  const order = shuffled(targets)
  for (let tick = 0; count.given < total; tick++) {
    const elapsedMs = performance.now() - startedMs
    const due = Math.min(total, Math.floor((elapsedMs / 1000) * perSecond) + 1)
    // No tracker twice in a batch, however late the tick comes.
    const batch = cyclic(order, count.given, Math.min(due - count.given, order.length))
    if (batch.length > 0) {
      const work = run(batch, tick % 2 === 0).finally(() => running.delete(work))
      running.add(work)
    }
    if (elapsedMs / 1000 >= (samples.length * seconds) / SAMPLES) samples.push(sampleAt(elapsedMs, count.ended))
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  const sendingMs = performance.now() - startedMs
  await Promise.all(running)
  checker.close()
  return { ...count, wrong: tally.wrong, sendingMs, samples, left: await leftBeyond(idle) }
}

/** Counts what was given and what came of it, and keeps the verdicts that are wrong. */
function createTally() {
  const count = { given: 0, ended: 0, right: 0, withheld: 0, strays: 0, mostAtOnce: 0 }
  const wrong: Record<string, number> = {}
  const judge = ({ url, verdict }: Target, result: CheckResult): void => {
    const said = verdictOf(result, verdict)
    if (said === verdict) {
      count.right++
      return
    }
    if (said === 'skipped local.stalled') {
      count.withheld++
      return
    }
    const what = `${url}: ${said}, expected ${verdict}`
    const key = what in wrong || Object.keys(wrong).length < MOST_WRONG_KEPT ? what : '…'
    wrong[key] = (wrong[key] ?? 0) + 1
  }
  /** These are given now; returns what takes their results. */
  const open = (batch: readonly Target[]): ((result: CheckResult, given: string) => void) => {
    const waiting = new Map(batch.map((target) => [target.url, target]))
    count.given += batch.length
    count.mostAtOnce = Math.max(count.mostAtOnce, count.given - count.ended)
    return (result, given) => {
      const target = waiting.get(given)
      count.ended++
      if (target === undefined) count.strays++
      else judge(target, result)
      waiting.delete(given)
    }
  }
  return { count, wrong, open }
}

/** As the daemon has one. */
function openChecker(dns: string): { check(url: string): Promise<CheckResult>; close(): void } {
  const probe = { allow_private: true, timeout: `${TIMEOUT_MS}ms`, dns: { servers: [dns] } }
  const config = toConfig(settingsSchema.parse({ groups: [{ name: 'soak' }], probe }), [])
  const checker = createChecker(config, createIdentity())
  return {
    check: async (url) => {
      const { tracker } = parseTracker(url)
      const { signal } = new AbortController()
      const result = tracker && (await checker.check({ tracker, group: 'soak', aliveWhen: 'announce' }, signal))
      if (!result) throw new Error(`no result for ${url}`)
      return result
    },
    close: checker.close,
  }
}

/** `ok` with the interval and the flags, a refusal with its text, a failure with its code and phase. */
function verdictOf({ outcome }: CheckResult, expected: string): string {
  switch (outcome.kind) {
    case 'ok':
      return ['ok', outcome.announce.intervalS, ...undisturbed(outcome.flags, expected)].join(' ')
    case 'rejected':
      return ['rejected', outcome.code, outcome.message, ...undisturbed(outcome.flags, expected)].join(' ')
    case 'failed':
      return `failed ${outcome.code} in ${outcome.phase}`
    case 'skipped':
      return `skipped ${outcome.code}`
  }
}

/**
 * The flags that the tracker has earned. A busy machine may stand still for longer than a datagram is waited for, so that
 * one is sent again and answered twice.
 */
function undisturbed(flags: readonly Flag[], expected: string): readonly Flag[] {
  const isDisturbed = flags.includes('clock_skew') || flags.includes('packet_loss')
  if (!isDisturbed) return flags
  const ours: readonly Flag[] = ['clock_skew', 'packet_loss', 'foreign_packets']
  return flags.filter((flag) => !ours.includes(flag) || expected.includes(flag))
}

/** What is still held after garbage has been collected. */
function sampleAt(elapsedMs: number, checks: number): Sample {
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { elapsedMs, checks, rssBytes: rss, heapBytes: heapUsed + external }
}

/** A closed socket is gone only some turns of the event loop later. */
async function leftBeyond(idle: readonly string[], turns = 2000): Promise<readonly string[]> {
  for (let turn = 0; turn < turns; turn++) {
    if (process.getActiveResourcesInfo().length <= idle.length) return []
    await new Promise(setImmediate)
  }
  return process.getActiveResourcesInfo()
}

function cyclic<T>(items: readonly T[], from: number, count: number): T[] {
  return Array.from({ length: count }, (_, index) => items[(from + index) % items.length]).filter(
    (item): item is T => item !== undefined,
  )
}

/** The same order every run, the kinds mixed: a step that has no divisor in common with the length. */
function shuffled<T>(items: readonly T[]): T[] {
  let step = Math.floor(items.length * 0.618)
  while (divisor(step, items.length) > 1) step++
  return cyclic(
    items.flatMap((_, index) => cyclic(items, index * step, 1)),
    0,
    items.length,
  )
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b)
}
