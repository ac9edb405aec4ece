import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome } from '../../src/tracker/outcome.js'
import { trackerId } from '../../src/tracker/state.js'
import { startDnsServer, zoneOf } from '../support/dns-server.js'
import { compactPeers, udp } from '../support/encode.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { announced, goodTracker, type Respond, scripted, startUdpTracker } from '../support/udp-tracker.js'
import { writeConfig } from './folder.js'
import { type Past, writePast } from './past.js'
import { type Daemon, launchDaemon } from './program.js'

/** What a tracker says that has read about pages. */
export const HOSTILE = `<script>document.title='owned'</script><img src=x onerror=alert(1)>]]>"><svg onload=alert(2)>`

const PASSKEY = '0123456789abcdef0123456789abcdef'

export const TOKEN = 'operator-0123456789'

/** A daemon over trackers of every kind with a past of forty days, for as many pages as like to look at it. */
export interface Site {
  readonly daemon: Daemon
  /** Announce URLs by what stands there. */
  readonly urls: Readonly<Record<TrackerName, string>>
  /** Every page for people, by name. */
  readonly pages: Readonly<Record<string, string>>
  readonly stop: () => Promise<void>
}

export type TrackerName = keyof ReturnType<typeof trackers>

const silent: Respond = () => []
const failed = (detail: string): Outcome => {
  return { kind: 'failed', reason: 'timeout', code: 'udp.timeout', phase: 'udp_connect', detail }
}
const lost = failed('no answer to 3 packets in 10 s')
const refused: Outcome = { kind: 'rejected', code: 'not_registered', message: HOSTILE, flags: [], retryAfterS: null }
const outages = (...hours: readonly (readonly [fromH: number, toH: number])[]): Past['troubles'] =>
  hours.map(([fromH, toH]) => ({ fromH, toH, outcome: lost }))

interface Scripted {
  readonly host: string
  readonly address: string
  readonly group?: string
  readonly respond: Respond
  readonly past?: Pick<Past, 'troubles' | 'latencyMs'>
}

function trackers() {
  const good = { latencyMs: 34, troubles: outages([410, 408]) }
  return {
    good: { host: 'tracker.open-archive.example', address: '127.0.0.11', respond: goodTracker, past: good },
    other: {
      host: 'open.example',
      address: '127.0.0.12',
      respond: goodTracker,
      past: { latencyMs: 118, troubles: [] },
    },
    long: {
      host: 'announce.a-rather-long-name-of-a-tracker-that-somebody-has-chosen.community-network.example',
      ...{ address: '127.0.0.13', respond: goodTracker },
      past: { latencyMs: 260, troubles: outages([700, 640], [220, 219], [90, 88]) },
    },
    flapping: {
      ...{ host: 'flapping.example', address: '127.0.0.14', respond: goodTracker },
      past: {
        latencyMs: 77,
        troubles: outages(...Array.from({ length: 24 }, (_, i) => [i * 30 + 6, i * 30 + 1] as const)),
      },
    },
    faking: {
      ...{ host: 'faking.example', address: '127.0.0.15' },
      respond: scripted({
        announce: announced({
          seeders: 4711,
          leechers: 815,
          peers: compactPeers('192.0.2.7:51413', '198.51.100.9:6881'),
        }),
      }),
    },
    hostile: {
      ...{ host: 'hostile.example', address: '127.0.0.16' },
      respond: scripted({ announce: (transactionId) => [udp.errorReply(transactionId, HOSTILE)] }),
      past: { latencyMs: 51, troubles: [{ fromH: 30, toH: 0, outcome: refused }] },
    },
    dead: {
      ...{ host: 'dead.example', address: '127.0.0.17', respond: silent },
      past: { latencyMs: 45, troubles: outages([55, 0], [300, 290]) },
    },
    twin: {
      ...{ host: 'twin.dead.example', address: '127.0.0.17', respond: silent },
      past: { latencyMs: 46, troubles: outages([55, 0], [300, 290]) },
    },
    fresh: { host: 'fresh.example', address: '127.0.0.18', respond: goodTracker },
  } as const satisfies Record<string, Scripted>
}

/** To be stopped by who has started it. */
export async function startSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-e2e-'))
  const cleanUps: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const stop = async (): Promise<void> => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
  }
  try {
    const started = await startTrackers((cleanUp) => cleanUps.push(cleanUp))
    const { daemon, close } = await watch(folder, started)
    cleanUps.push(close)
    await daemon.logged(({ msg, group }) => msg === 'round ended' && group === 'public')
    await daemon.logged(({ msg, group }) => msg === 'round ended' && group === 'private')
    const { urls } = started
    const pages = pagesOf(urls)
    return { daemon, urls, pages, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type Started = Awaited<ReturnType<typeof startTrackers>>

async function startTrackers(onStarted: (stop: () => Promise<void>) => void) {
  const all: Record<string, Scripted> = trackers()
  const pasts: Past[] = []
  const urls: Record<string, string> = {}
  for (const [name, { host, address, respond, past }] of Object.entries(all)) {
    const { port, stop } = await startUdpTracker(respond, { host: address })
    onStarted(stop)
    const url = `udp://${host}:${port}/announce`
    urls[name] = url
    if (past !== undefined) pasts.push({ url, group: 'public', address, ...past })
  }
  const web = await startHttpTracker((_, response) =>
    response.setHeader('Content-Type', 'text/html').end(`<html><title>${HOSTILE}</title></html>`),
  )
  const members = await startHttpTracker((_, response) => response.end(goodAnswer({ 'warning message': HOSTILE })))
  for (const { stop } of [web, members]) onStarted(stop)
  const dns = await startDnsServer(
    zoneOf(Object.fromEntries(Object.values(all).map(({ host, address }) => [host, [address]]))),
  )
  onStarted(dns.stop)
  return {
    ...{ urls: urls as Site['urls'], pasts, dns: dns.address },
    web: web.url,
    members: `http://127.0.0.1:${members.port}/${PASSKEY}/announce`,
  }
}

async function watch(folder: string, { urls, pasts, dns, web, members }: Started) {
  const configFile = writeConfig(folder, {
    groups: [
      { name: 'public', trackers: [...Object.values(urls), web] },
      { name: 'private', trackers: [members], alive_when: 'response' },
    ],
    probe: { timeout: '2s', allow_private: true, dns: { servers: [dns] } },
    health: { down_after: 1 },
    token: TOKEN,
    submissions: { mode: 'open', file: join(folder, 'submissions.json') },
  })
  await writePast(`sqlite:${join(folder, 'data', 'trackerwatch.db')}`, pasts, new Date())
  return launchDaemon(configFile)
}

function pagesOf(urls: Site['urls']): Site['pages'] {
  const pageOf = (name: TrackerName): string => `/tracker/${trackerId(urls[name])}`
  return {
    status: '/',
    'status, nothing found': '/?q=nowhere',
    tracker: pageOf('flapping'),
    'tracker that is down': pageOf('dead'),
    'tracker that is new': pageOf('fresh'),
    'hostile tracker': pageOf('hostile'),
    incidents: '/incidents',
    'incidents of a tracker': `/incidents?tracker=${trackerId(urls.flapping)}`,
    lists: '/lists/',
    api: '/api/v1/',
    submit: '/submit',
    review: '/submit/review',
  }
}
