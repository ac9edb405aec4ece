/**
 * `npm run soak -- --minutes 10 --rate 100`: checks at a steady rate against a mix of good, bad and hostile trackers,
 * which run in another process. Ends with 1 where memory grows, an answer goes to the wrong check, a verdict is wrong, a
 * check is lost, a socket stays open, or anything throws. Bounded by its arguments; traffic stays on loopback.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { ChecksReport, ChecksTask } from './checks.js'
import type { Farm } from './farm.js'
import { trendOf } from './trend.js'

/** A leak of 50 bytes per check would be 3 MB of heap in ten minutes; malloc is less exact about the rest. */
const MOST_HEAP_GROWTH_MB = 3
const MOST_RSS_GROWTH_MB = 16
/** Beyond the time of the soak: for the start, and for the last checks to end. */
const GRACE_MS = 60_000

interface Line {
  readonly what: string
  readonly found: string
  readonly wanted: string
  readonly met: boolean
}

const { minutes, rate } = argumentsOf(process.argv.slice(2))
const seconds = Math.round(minutes * 60)
const farm = start('farm')
const { targets, dns, caFile } = await told<Farm>(farm)
console.log(`node ${process.version}: ${rate} checks/s for ${seconds} s against ${targets.length} trackers`)
const checks = start('checks', { NODE_EXTRA_CA_CERTS: caFile })
const exited = once(checks, 'exit')
const limit = setTimeout(() => checks.kill('SIGKILL'), seconds * 1000 + GRACE_MS)
try {
  const task: ChecksTask = { targets, dns, perSecond: rate, seconds }
  checks.send(task)
  const lines = linesOf(await told<ChecksReport>(checks))
  const [code] = await exited
  lines.push(line('the process ended by itself', code === 0 ? 'yes' : `with ${code}`, 'yes', code === 0))
  for (const { what, found, wanted, met } of lines)
    console.log(`${met ? 'ok    ' : 'BREACH'} ${what}: ${found} (${wanted})`)
  process.exitCode = lines.every(({ met }) => met) ? 0 : 1
} finally {
  clearTimeout(limit)
  farm.disconnect()
}

function linesOf(report: ChecksReport): Line[] {
  const { given, ended, right, withheld, wrong, strays, left, samples, sendingMs, mostAtOnce } = report
  for (const [what, count] of Object.entries(wrong)) console.log(`wrong, ${count} times: ${what}`)
  const perSecond = given / (sendingMs / 1000)
  const faults = ended - right - withheld
  const heap = trendOf(samples, 'heapBytes')
  const rss = trendOf(samples, 'rssBytes')
  return [
    line(
      'checks',
      `${given} given, ${ended} ended, ${strays} strays`,
      'all ended, once',
      given === ended && strays === 0,
    ),
    line(
      'rate',
      `${perSecond.toFixed(1)}/s, at most ${mostAtOnce} at once`,
      `about ${rate}/s`,
      given >= rate * seconds,
    ),
    line('wrong verdicts', `${faults}`, '0; answers of another tracker included', faults === 0),
    line(
      'verdicts withheld while we stood still',
      `${withheld}`,
      '≤ 5 %, else the machine is too busy',
      withheld <= ended / 20,
    ),
    memoryLine('heap', heap, MOST_HEAP_GROWTH_MB),
    memoryLine('RSS', rss, MOST_RSS_GROWTH_MB),
    line('left open', left.join(' ') || 'nothing', 'nothing', left.length === 0),
  ]
}

function memoryLine(what: string, trend: ReturnType<typeof trendOf>, mostMb: number): Line {
  const { fromBytes, toBytes, grownBytes, bytesPerCheck } = trend
  const found = `${mb(fromBytes)} → ${mb(toBytes)}, slope ${mb(grownBytes)}, ${bytesPerCheck.toFixed(1)} B per check`
  return line(`${what} once warm`, found, `slope ≤ ${mostMb} MB`, grownBytes <= mostMb * 1e6)
}

function line(what: string, found: string, wanted: string, met: boolean): Line {
  return { what, found, wanted, met }
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`
}

function argumentsOf(args: readonly string[]): { readonly minutes: number; readonly rate: number } {
  const options = { minutes: { type: 'string', default: '10' }, rate: { type: 'string', default: '100' } } as const
  const { values } = parseArgs({ args: [...args], options })
  return { minutes: within('--minutes', values.minutes, 0.1, 120), rate: within('--rate', values.rate, 1, 1000) }
}

function within(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (value >= least && value <= most) return value
  throw new RangeError(`${name} ${text}, expected a number from ${least} to ${most}`)
}

function start(program: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const script = fileURLToPath(new URL(`${program}.js`, import.meta.url))
  return fork(script, { execArgv: ['--expose-gc'], env: { ...process.env, ...env } })
}

/** The one message of a child. Rejects where it ends without one. */
function told<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Message))
    child.once('exit', (code, signal) => reject(new Error(`${child.spawnargs.at(-1)} ended with ${code ?? signal}`)))
  })
}
