import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Daemon, launchDaemon } from '../e2e/program.js'
import { startDnsServer, zoneOf } from '../support/dns-server.js'
import { bencodeText } from '../support/encode.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { createAuthority } from '../support/tls.js'
import { closedUdpPort, goodTracker, startUdpTracker } from '../support/udp-tracker.js'

/** A daemon that checks one tracker of each kind every other second. */
export interface LiveFleet {
  readonly daemon: Daemon
  /** Works until `goDown` is called. */
  readonly flapping: string
  readonly dead: string
  readonly goDown: () => void
  readonly stop: () => Promise<void>
}

/** Enough hosts for the daemon to tell its own network from theirs. */
const GOOD_HOSTS = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6']

/** In `folder`, which is the caller's to remove. `ipv6`: with a tracker on ::1. */
export async function startLiveFleet(folder: string, ipv6: boolean): Promise<LiveFleet> {
  const way = { open: true }
  const authority = createAuthority()
  const tls = authority.issue('DNS:secure.test')
  const good = await Promise.all(GOOD_HOSTS.map((host) => startUdpTracker(goodTracker, { host })))
  const overIpv6 = ipv6 ? [await startUdpTracker(goodTracker, { host: '::1', family: 6 })] : []
  const flapping = await startUdpTracker((...args) => (way.open ? goodTracker(...args) : undefined))
  const secure = await startHttpTracker(
    (_request, response) => void response.end(goodAnswer({ 'min interval': 900 })),
    { tls },
  )
  const refusing = await startHttpTracker(
    (_request, response) => void response.end(bencodeText({ 'failure reason': 'unregistered torrent' })),
  )
  const names = await startDnsServer(zoneOf({ 'secure.test': ['127.0.0.1'] }))
  const running = [...good, ...overIpv6, flapping, secure, refusing, names]
  const dead = `udp://127.0.0.1:${await closedUdpPort()}/announce`
  const secureUrl = `https://secure.test:${secure.port}/announce`
  const trackers = [...good, ...overIpv6, flapping, refusing].map(({ url }) => url)
  const configFile = join(folder, 'trackerwatch.yaml')
  writeFileSync(configFile, configOf(folder, [...trackers, secureUrl, dead], names.address))
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority.caFile }
  const { daemon, close } = await launchDaemon(configFile, { env })
  return {
    daemon,
    flapping: flapping.url,
    dead,
    goDown: () => {
      way.open = false
    },
    stop: async () => {
      await close()
      await Promise.all(running.map(({ stop }) => stop()))
      authority.remove()
    },
  }
}

function configOf(folder: string, trackers: readonly string[], nameServer: string): string {
  const data = (name: string): string => join(folder, 'data', name)
  return JSON.stringify({
    schedule: '*/2 * * * * *',
    round: { spread: '0s' },
    listen: '127.0.0.1:0',
    store: `sqlite:${data('trackerwatch.db')}`,
    groups: [{ name: 'public', trackers }],
    probe: { timeout: '1s', attempts: 2, allow_private: true, interval_floor: 'none', dns: { servers: [nameServer] } },
    health: { down_after: 1 },
    lists: { directory: data('lists'), stable: { min_age: '0s' } },
    sources: { directory: data('sources') },
    backup: { schedule: '*/5 * * * * *', directory: data('backups') },
    submissions: { file: data('submissions.json') },
  })
}
