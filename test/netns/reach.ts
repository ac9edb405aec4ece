/** Inside the namespace: checks trackers of all protocols and prints what became of each. */
import { type CheckTrackerOptions, checkTracker } from '../../src/probe/check-trackers.js'
import { summary } from '../support/check-local.js'
import { startDnsServer } from '../support/dns-server.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { startWsTracker, wsAnswer } from '../support/ws-tracker.js'

export interface ReachTask {
  /** Of the name `tracker.test`. */
  readonly addresses: readonly string[]
  /** In place of those that the script runs at 127.0.0.1, by that name. */
  readonly urls?: readonly string[]
}
/** By scheme, or by URL where those were given: the outcome, and that of each address. */
export type Reached = Readonly<Record<string, { readonly outcome: string; readonly probes: readonly string[] }>>

const { addresses, urls }: ReachTask = JSON.parse(process.argv[2] ?? '')
const trackers = await Promise.all([
  startUdpTracker(goodTracker),
  startHttpTracker((_, response) => response.end(goodAnswer())),
  startWsTracker((socket, text) => socket.send(wsAnswer(text))),
])
const dns = await startDnsServer(() => ({ addresses }))
const options: CheckTrackerOptions = { allowPrivate: true, timeoutMs: 2000, dnsServers: [dns.address] }
const named = trackers.map(({ url }) => url.replace('127.0.0.1', 'tracker.test'))
const reached: Record<string, Reached[string]> = {}
for (const url of urls ?? named) {
  const { outcome, probes } = await checkTracker(url, options)
  reached[urls === undefined ? url.slice(0, url.indexOf(':')) : url] = {
    outcome: summary(outcome),
    probes: probes.map((probe) => `IPv${probe.family} ${summary(probe.outcome)}`),
  }
}
await Promise.all([...trackers, dns].map(({ stop }) => stop()))
process.stdout.write(JSON.stringify(reached))
