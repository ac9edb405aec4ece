import { isIP } from 'node:net'
import type { Command } from 'commander'
import { parsePeerId } from '../bittorrent/info-hash.js'
import { createIdentity } from '../probe/identity.js'
import { type AnnounceResponse, type QueryOptions, query, TrackerEvent } from '../probe/query.js'
import type { Peer } from '../tracker/outcome.js'
import { parseHeaders, requireAnnounceUrl, requireInfoHash, showAnswer } from './answer.js'
import type { Run } from './command.js'
import type { Io } from './io.js'
import { table } from './table.js'
import { quoted, UsageError } from './usage.js'
import { byteCount, duration, oneOf, parseValue, several, whole } from './values.js'

interface QueryFlags {
  readonly peerId?: Uint8Array
  readonly event: TrackerEvent
  readonly left: bigint
  readonly downloaded: bigint
  readonly uploaded: bigint
  readonly ip?: string
  readonly port: number
  readonly numWant: number
  readonly key?: string
  readonly header: readonly string[]
  readonly timeout: number
  readonly json?: true
}

type Announced = Exclude<AnnounceResponse, { failureReason: string }>

const events = {
  none: TrackerEvent.NONE,
  started: TrackerEvent.STARTED,
  stopped: TrackerEvent.STOPPED,
  completed: TrackerEvent.COMPLETED,
} as const

const HELP = `
INFO_HASH is 40 hex digits, 32 base32 characters, or 64 hex digits (v2).

Examples:
  trackerwatch query udp://tracker.example:6969/announce 0123456789abcdef0123456789abcdef01234567
  trackerwatch query https://tracker.example/announce 0123456789abcdef0123456789abcdef01234567 \\
    --event started --left 1000 --header 'User-Agent: example/1.0' --json

Exit codes: 0 answered; 1 refused or no answer; 2 usage error; 3 failure of
trackerwatch itself.`

export function defineQuery(command: Command, run: Run): void {
  command
    .description('Sends one announce, every parameter as you like, and shows the answer.')
    .argument('<url>', 'announce URL')
    .argument('<info_hash>', 'torrent to announce')
    .option('--peer-id <text>', 'at most 20 bytes, filled up with "-" (default: a random one)', (text: string) =>
      parseValue('--peer-id:', () => parsePeerId(text)),
    )
    .option('--event <event>', 'started, stopped, completed or none (default: none)', oneOf('--event', events), 0)
    .option('--left <bytes>', 'bytes left to download (default: 0)', byteCount('--left'), 0n)
    .option('--downloaded <bytes>', 'bytes downloaded (default: 0)', byteCount('--downloaded'), 0n)
    .option('--uploaded <bytes>', 'bytes uploaded (default: 0)', byteCount('--uploaded'), 0n)
    .option('--ip <address>', 'our address, if not that of the packet', address)
    .option('--port <port>', 'port where peers reach us, 0 to 65535 (default: 6881)', whole('--port', 0, 65_535), 6881)
    .option(
      '--num-want <count>',
      'peers wanted, -1 leaves it to the tracker (default: 50)',
      whole('--num-want', -1, 2 ** 31 - 1),
      50,
    )
    .option('--key <key>', 'a number or a text that identifies us (default: a random number)')
    .option('--header <header>', "'Name: value', HTTP and WebSocket only; repeatable", several, [])
    .option('--timeout <duration>', 'time for all of it (default: 5s)', duration('--timeout', '1ms', '10m'), 5000)
    .option('--json', 'print the answer as one JSON object')
    .addHelpText('after', HELP)
    .action((url: string, infoHash: string, flags: QueryFlags) => run((io) => announce(url, infoHash, flags, io)))
}

function announce(url: string, infoHashText: string, flags: QueryFlags, io: Io): Promise<number> {
  requireAnnounceUrl(url)
  const infoHash = requireInfoHash(infoHashText)
  const options = optionsOf(flags)
  const peerId = flags.peerId ?? createIdentity().peerId
  return showAnswer(io, {
    url,
    json: flags.json ?? false,
    ask: (signal) => query(url, infoHash, peerId, { ...options, signal }),
    toJson: (answer) => answer,
    toLines,
  })
}

function optionsOf(flags: QueryFlags): QueryOptions {
  const { event, left, downloaded, uploaded, port, numWant } = flags
  return {
    event,
    left,
    downloaded,
    uploaded,
    port,
    numWant,
    headers: parseHeaders(flags.header),
    timeoutMs: flags.timeout,
    ...(flags.ip === undefined ? {} : { ip: flags.ip }),
    ...(flags.key === undefined ? {} : { key: flags.key }),
  }
}

function address(text: string): string {
  if (isIP(text) !== 0) return text
  throw new UsageError(`--ip is ${quoted(text)}, expected an IPv4 or IPv6 address`)
}

/** Facts first, then every peer. What the tracker did not say is left out. */
function toLines(answer: Announced): readonly string[] {
  const { interval, minInterval, seeders, leechers, peers, peers6, warningMessage, trackerId, externalIp } = answer
  const facts = {
    warning: warningMessage,
    interval: interval === null ? null : `${interval} s`,
    'min interval': minInterval === null ? null : `${minInterval} s`,
    seeders,
    leechers,
    'tracker id': trackerId,
    'our address': externalIp,
    ...Object.fromEntries(Object.entries(answer.extra).map(([key, value]) => [key, JSON.stringify(value)])),
    peers: peers?.length,
    'IPv6 peers': peers6?.length,
  }
  const known = Object.entries(facts).flatMap(([name, fact]) =>
    fact === undefined || fact === null ? [] : [[name, String(fact)]],
  )
  const [, ...lines] = table([{ title: '' }, { title: '' }], known)
  return [...lines, ...[...(peers ?? []), ...(peers6 ?? [])].map((peer) => `  ${peerText(peer)}`)]
}

function peerText({ ip, port }: Peer): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
