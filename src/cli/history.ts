import type { Command } from 'commander'
import type { Store } from '../store/store.js'
import { maskUrl } from '../tracker/mask.js'
import { uptimeWindows } from '../tracker/state.js'
import { parseTracker } from '../tracker/tracker.js'
import { exitCodes, type Run } from './command.js'
import { historyJson } from './history-json.js'
import { historyLines } from './history-lines.js'
import { type AskedWindow, readHistory } from './history-read.js'
import { type Io, note, plain, print, printJson } from './io.js'
import { addStoreFlags, readingStore, type StoreFlags, storeUrl } from './settings.js'
import { quoted, UsageError } from './usage.js'
import { duration } from './values.js'

interface HistoryFlags extends StoreFlags {
  readonly since: AskedWindow
  readonly json?: true
}

const MAX_NEAR_MATCHES = 5
const ID = /^[0-9a-f]{12}$/

const HELP = `
URL may be spelled in any way, or be the id that the pages and the API show.

uptime    share of the observed time in which it was alive
success   share of the checks that found it alive, skipped ones left out
loss      share of the packets that had to be sent again
p50 …     latency that so many per cent of the answers did not exceed

Examples:
  trackerwatch history udp://tracker.example:6969/announce
  trackerwatch history udp://tracker.example:6969/announce --since 24h --json | jq .failures

Exit codes: 0 shown; 1 never watched; 2 usage or configuration error; 3 failure.`

export function defineHistory(command: Command, run: Run): void {
  const sinceMs = duration('--since', '1m', '3650d')
  command
    .description('Shows what happened to a watched tracker: uptime, latency, changes, failures.')
    .argument('<url>', 'announce URL or public id')
    .option(
      '--since <duration>',
      'how far to look back (default: 7d)',
      (text: string) => ({ text, ms: sinceMs(text) }),
      {
        text: '7d',
        ms: uptimeWindows['7d'],
      },
    )
    .option('--json', 'print one JSON object')
  addStoreFlags(command)
    .addHelpText('after', HELP)
    .action((url: string, flags: HistoryFlags) => run((io) => history(url, flags, io)))
}

async function history(url: string, flags: HistoryFlags, io: Io): Promise<number> {
  const { tracker, problem } = parseTracker(url)
  const id = url.trim().toLowerCase()
  if (tracker === undefined && !ID.test(id)) {
    throw new UsageError(`${quoted(url)} is neither an announce URL (${problem.message}) nor an id of 12 hex digits`)
  }
  return readingStore(await storeUrl(flags, io), async (store) => {
    const state = await store.find(tracker?.url ?? id)
    if (state === null) {
      note(io, await unknownTracker(store, maskUrl(url.trim()), tracker?.host ?? null))
      return exitCodes.notAlive
    }
    const found = await readHistory(store, state, flags.since, new Date())
    if (flags.json) printJson(io, historyJson(found))
    else for (const line of historyLines(found, io.env)) print(io, plain(line))
    return exitCodes.ok
  })
}

async function unknownTracker(store: Store, url: string, host: string | null): Promise<string> {
  const near = (await store.states())
    .filter(({ tracker }) => tracker.host === host)
    .slice(0, MAX_NEAR_MATCHES)
    .map(({ tracker }) => maskUrl(tracker.url))
  const hint = near.length === 0 ? '' : `; of the same host: ${near.join(', ')}`
  return `${url} was never watched${hint}`
}
