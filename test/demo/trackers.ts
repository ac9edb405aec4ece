import { goodTracker, type Respond, startUdpTracker } from '../support/udp-tracker.js'
import { goodAnswer, type Listening, refusal, startHttpServer, startReferenceServer, webPage } from './http.js'
import { freeOrAny } from './ports.js'
import { faking, flapping, lossy, rejecting, silent, slow } from './udp.js'

/** A tracker of the demo. */
export interface DemoTracker {
  readonly url: string
  readonly group: 'public' | 'private'
  readonly pretends: string
  /** What trackerwatch holds it to be once it has been checked often enough; null where that changes. */
  readonly status: 'up' | 'degraded' | 'rejecting' | 'down' | null
}

export interface DemoTrackers {
  readonly trackers: readonly DemoTracker[]
  readonly stop: () => Promise<void>
}

const SLOW_MS = 400
const LOST_EVERY = 3
const FLAP_EVERY_MS = 60_000
const REFUSAL = 'unregistered torrent'

/**
 * Starts everything that is to be watched. Each place has a port of its own, the same at every start where it is free,
 * and a name that says what to expect: `*.localhost` is this machine.
 */
export async function startTrackers(): Promise<DemoTrackers> {
  const places = await startPlaces()
  return {
    trackers: trackersAt(places),
    stop: async () => {
      await Promise.all(Object.values(places).map((place) => place.stop()))
    },
  }
}

type Places = Awaited<ReturnType<typeof startPlaces>>

async function startPlaces() {
  return {
    reference: await startReferenceServer(16969),
    healthyUdp: await startUdp(16970, goodTracker),
    healthyHttp: await startHttpServer(16971, 'text/plain', goodAnswer),
    slow: await startUdp(16972, slow(SLOW_MS)),
    lossy: await startUdp(16973, lossy(LOST_EVERY)),
    flapping: await startUdp(16974, flapping(FLAP_EVERY_MS)),
    faking: await startUdp(16975, faking),
    rejectingUdp: await startUdp(16976, rejecting(REFUSAL)),
    rejectingHttp: await startHttpServer(16977, 'text/plain', refusal(REFUSAL)),
    refusing: await closedPort(16978),
    dead: await startUdp(16979, silent),
    html: await startHttpServer(16980, 'text/html', webPage),
  }
}

function trackersAt(places: Places): readonly DemoTracker[] {
  const at = (place: keyof Places, scheme: string, name: string): string =>
    `${scheme}://${name}.localhost:${places[place].port}/announce`
  const open = (url: string, status: DemoTracker['status'], pretends: string): DemoTracker => {
    return { url, group: 'public', pretends, status }
  }
  const members = (url: string): DemoTracker => {
    return { url, group: 'private', pretends: 'refuses too, which is fine for a private tracker', status: 'rejecting' }
  }
  return [
    open(at('reference', 'http', 'healthy'), 'up', 'healthy: the server of the npm package bittorrent-tracker'),
    open(at('reference', 'ws', 'healthy'), 'up', 'healthy: the same over WebSocket'),
    open(at('healthyUdp', 'udp', 'healthy'), 'up', 'healthy'),
    open(at('healthyHttp', 'http', 'simple'), 'up', 'healthy'),
    open(at('slow', 'udp', 'slow'), 'up', `slow: an announce takes ${2 * SLOW_MS} ms`),
    open(at('lossy', 'udp', 'lossy'), 'up', 'loses every third datagram'),
    open(at('flapping', 'udp', 'flapping'), null, 'answers for a minute, is silent for a minute'),
    open(at('faking', 'udp', 'faking'), 'degraded', 'makes up peers for any torrent'),
    open(at('rejectingUdp', 'udp', 'rejecting'), 'rejecting', `refuses: "${REFUSAL}"`),
    open(at('rejectingHttp', 'http', 'rejecting'), 'rejecting', `refuses: "${REFUSAL}"`),
    open(at('refusing', 'udp', 'refusing'), 'down', 'nobody listens on the port'),
    open(at('dead', 'udp', 'dead'), 'down', 'takes every datagram and answers none'),
    open(at('html', 'http', 'html'), 'down', 'a web page with status 200'),
    members(at('rejectingUdp', 'udp', 'private')),
    members(at('rejectingHttp', 'http', 'private')),
  ]
}

async function startUdp(port: number, respond: Respond): Promise<Listening> {
  return startUdpTracker(respond, { port: await freeOrAny(port) })
}

/** A port that was free a moment ago. */
async function closedPort(wanted: number): Promise<Listening> {
  const { port, stop } = await startUdp(wanted, silent)
  await stop()
  return { port, stop: async () => {} }
}
