import type { Command } from 'commander'
import { type ScrapeResponse, scrape } from '../probe/query.js'
import { parseHeaders, requireAnnounceUrl, requireInfoHash, showAnswer } from './answer.js'
import type { Run } from './command.js'
import type { Io } from './io.js'
import { table } from './table.js'
import { duration, several } from './values.js'

interface ScrapeFlags {
  readonly header: readonly string[]
  readonly timeout: number
  readonly json?: true
}

type Scraped = Exclude<ScrapeResponse, { failureReason: string }>

const HELP = `
INFO_HASH is 40 hex digits, 32 base32 characters, or 64 hex digits (v2).

Examples:
  trackerwatch scrape udp://tracker.example:6969/announce 0123456789abcdef0123456789abcdef01234567
  trackerwatch scrape https://tracker.example/announce HASH1 HASH2 --json

Exit codes: 0 answered; 1 refused or no answer; 2 usage error; 3 failure of
trackerwatch itself.`

export function defineScrape(command: Command, run: Run): void {
  command
    .description('Asks a tracker for seeders, leechers and downloads of torrents.')
    .argument('<url>', 'announce URL')
    .argument('<info_hash...>', 'torrents to ask for')
    .option('--header <header>', "'Name: value', HTTP and WebSocket only; repeatable", several, [])
    .option('--timeout <duration>', 'time for all of it (default: 5s)', duration('--timeout', '1ms', '10m'), 5000)
    .option('--json', 'print the answer as one JSON object')
    .addHelpText('after', HELP)
    .action((url: string, infoHashes: readonly string[], flags: ScrapeFlags) =>
      run((io) => ask(url, infoHashes, flags, io)),
    )
}

function ask(url: string, texts: readonly string[], flags: ScrapeFlags, io: Io): Promise<number> {
  requireAnnounceUrl(url)
  const infoHashes = texts.map(requireInfoHash)
  const headers = parseHeaders(flags.header)
  return showAnswer(io, {
    url,
    json: flags.json ?? false,
    ask: (signal) => scrape(url, infoHashes, { timeoutMs: flags.timeout, headers, signal }),
    toJson: ({ torrents }) => ({ torrents: Object.fromEntries(torrents) }),
    toLines,
  })
}

function toLines({ torrents }: Scraped): readonly string[] {
  const columns = [
    { title: 'info hash' },
    { title: 'seeders', align: 'right' },
    { title: 'leechers', align: 'right' },
    { title: 'downloads', align: 'right' },
  ] as const
  const rows = [...torrents].map(([infoHash, entry]) =>
    entry === null
      ? [infoHash, 'unknown to this tracker']
      : [infoHash, String(entry.seeders), String(entry.leechers), String(entry.downloads ?? '–')],
  )
  return table(columns, rows)
}
