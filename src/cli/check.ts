import type { Command } from 'commander'
import { type CheckTrackersOptions, checkTrackers } from '../probe/check-trackers.js'
import type { CheckResult } from '../tracker/outcome.js'
import { type CheckInput, readCheckInput } from './check-input.js'
import { type CheckOutput, createCheckOutput } from './check-output.js'
import { addPolicyFlags, type PolicyFlags, policyOf } from './check-policy.js'
import { onlyOnce, readTorrentInput } from './check-torrent.js'
import { exitCodes, type Run } from './command.js'
import { explainCheck, onlyTracker } from './explain.js'
import { interruptible, Stopped } from './interrupt.js'
import { type Io, note } from './io.js'
import { UsageError } from './usage.js'
import { duration, oneOf, several, whole } from './values.js'

interface CheckFlags extends PolicyFlags {
  readonly file: readonly string[]
  readonly timeout: number
  readonly attempts: number
  readonly concurrency: number
  readonly family: 4 | 6 | 'both'
  readonly torrent?: string
  readonly magnet?: string
  readonly json?: true
  readonly alive?: true
  readonly explain?: true
  readonly progress: boolean
}

const HELP = `
A list has one announce URL per line. Blank lines, comments from # or ;, commas
and duplicates do not matter. A line that is no announce URL is reported with
its place, the others are checked, and the exit code is 2.

A torrent or a magnet link stands alone: its trackers, and where they redirect
to, get its info hash (of a hybrid torrent that of version 1). They list this
machine as a peer of it until it takes leave, which it does at once.

Examples:
  trackerwatch check udp://tracker.example:6969/announce
  trackerwatch check udp://tracker.example:6969/announce --explain
  trackerwatch check -f trackers.txt --timeout 5s
  trackerwatch check -f https://lists.example/all.txt --alive > alive.txt
  trackerwatch check --torrent debian.iso.torrent
  trackerwatch check --magnet 'magnet:?xt=urn:btih:...&tr=...'
  grep udp: trackers.txt | trackerwatch check -f - --json | jq .latencyMs

Exit codes: 0 all alive; 1 some not; 2 usage error or bad lines; 3 failure of
trackerwatch itself; 130 interrupted.`

export function defineCheck(command: Command, run: Run): void {
  command
    .description('Checks trackers once, each by a real announce over IPv4 and IPv6.')
    .argument('[url...]', 'announce URLs')
    .option('-f, --file <file>', 'list of trackers: a file, "-" for stdin, or an http(s) URL; repeatable', several, [])
    .option('--torrent <file>', 'the trackers of a torrent, announced with its own info hash', onlyOnce('--torrent'))
    .option('--magnet <uri>', 'the trackers of a magnet link, announced with its own info hash', onlyOnce('--magnet'))
    .option('--timeout <duration>', 'time for one address (default: 10s)', duration('--timeout', '10ms', '10m'), 10_000)
    .option('--attempts <count>', 'packets per step over UDP, 1 to 8 (default: 3)', whole('--attempts', 1, 8), 3)
    .option('--concurrency <n>', 'checks at once (default: 200)', whole('--concurrency', 1, 10_000), 200)
    .option(
      '--family <family>',
      'address families to check: 4, 6 or both (default: both)',
      oneOf<4 | 6 | 'both'>('--family', { 4: 4, 6: 6, both: 'both' }),
      'both',
    )
  addPolicyFlags(command)
    .option('--json', 'print one JSON object per tracker, as each check ends')
    .option('--alive', 'print only the alive URLs, ready to paste, in the order given')
    .option('--explain', 'show the whole exchange with one tracker and the rule that decided; also with --json')
    .option('--no-progress', 'show no progress bar')
    .addHelpText('after', HELP)
    .action((urls: readonly string[], flags: CheckFlags) => run((io) => check(urls, flags, io)))
}

async function check(urls: readonly string[], flags: CheckFlags, io: Io): Promise<number> {
  if (flags.json && flags.alive) throw new UsageError('--json and --alive exclude each other, expected one of them')
  if (flags.explain && flags.alive)
    throw new UsageError('--explain and --alive exclude each other, expected one of them')
  return interruptible(io, async (signal) => {
    const torrent = await readTorrentInput({ ...flags, urls })
    const input = torrent ?? (await readGiven(urls, flags, io, signal))
    const options = optionsOf(torrent === null ? flags : { ...flags, infoHash: torrent.infoHash })
    if (flags.explain) return explainCheck(io, onlyTracker(input), { ...options, json: flags.json ?? false, signal })
    for (const { place, text, problem } of input.problems) note(io, `${place}: "${text}": ${problem.message}`)
    const output = await createCheckOutput(io, input, flags)
    for (const problem of input.problems) output.result(invalid(problem), problem.text)
    await checkAll(input, output, options, signal)
    if (input.problems.length > 0) return exitCodes.usage
    return output.allAlive() ? exitCodes.ok : exitCodes.notAlive
  })
}

async function readGiven(
  urls: readonly string[],
  { file }: CheckFlags,
  io: Io,
  signal: AbortSignal,
): Promise<CheckInput> {
  if (urls.length + file.length > 0) return readCheckInput(urls, file, io.stdin, signal)
  throw new UsageError('check has nothing to check, expected announce URLs, -f FILE, --torrent FILE or --magnet URI')
}

/** However it ends, what is done so far is shown, unless nobody is left to see it. */
async function checkAll(
  input: CheckInput,
  output: CheckOutput,
  options: CheckTrackersOptions,
  signal: AbortSignal,
): Promise<void> {
  const urls = input.trackers.map(({ given }) => given)
  try {
    await checkTrackers(urls, { ...options, signal, onResult: (result, given) => output.result(result, given) })
  } finally {
    const unread = signal.reason instanceof Stopped && signal.reason.exitCode !== exitCodes.interrupted
    output.end({ silently: unread })
  }
}

function optionsOf(flags: CheckFlags): CheckTrackersOptions {
  return {
    timeoutMs: flags.timeout,
    attempts: flags.attempts,
    concurrency: flags.concurrency,
    family: flags.family,
    ...policyOf(flags),
  }
}

function invalid({ text, problem }: CheckInput['problems'][number]): CheckResult {
  const outcome = { kind: 'skipped', reason: 'invalid_url', code: problem.code, detail: problem.message } as const
  return { url: text, checkedAt: new Date(), outcome, alive: false, latencyMs: null, probes: [] }
}
