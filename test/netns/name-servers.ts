/** Inside the namespace: the system's name server dies and another takes its place; prints what checks say meanwhile. */
import { writeFileSync } from 'node:fs'
import { type CheckOptions, check } from '../../src/probe/check.js'
import { createResolver } from '../../src/probe/dns/resolve.js'
import { createIdentity } from '../../src/probe/identity.js'
import { DEFAULT_USER_AGENT } from '../../src/probe/settings.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { summary } from '../support/check-local.js'
import { startDnsServer } from '../support/dns-server.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'

const tracker = await startUdpTracker(goodTracker)
const startServer = async () => {
  const server = await startDnsServer(() => ({ addresses: ['127.0.0.1'] }))
  // Node itself looks again where 127.0.0.1 is the only one.
  writeFileSync('/etc/resolv.conf', `nameserver ${server.address}\nnameserver 127.0.0.2:9\n`)
  return server
}
const first = await startServer()
const resolver = createResolver({ timeoutMs: 2000 })
const options: CheckOptions = {
  timeoutMs: 2000,
  attempts: 3,
  family: 4,
  infoHash: null,
  aliveWhen: 'announce',
  allowPrivate: true,
  bep34: 'ignore',
  tls: 'strict',
  redirects: 'follow',
  userAgent: DEFAULT_USER_AGENT,
  headers: {},
  followUps: null,
  identity: createIdentity('secret'),
  resolver,
}
const outcomes: string[] = []
const checkNamed = async (name: string): Promise<void> => {
  const parsed = parseTracker(tracker.url.replace('127.0.0.1', name)).tracker
  if (parsed === undefined) throw new Error(`${name} makes no tracker URL`)
  const { outcome } = await check(parsed, options, new AbortController().signal)
  outcomes.push(summary(outcome))
}
await checkNamed('a.tracker.net')
await first.stop()
const second = await startServer()
// They are looked at once a second at most.
for (const name of ['b', 'c', 'd', 'e', 'f']) await checkNamed(`${name}.tracker.net`)
resolver.close()
await Promise.all([second, tracker].map(({ stop }) => stop()))
process.stdout.write(JSON.stringify(outcomes))
