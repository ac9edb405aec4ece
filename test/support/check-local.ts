import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { type CheckTrackerOptions, checkTracker } from '../../src/probe/check-trackers.js'
import type { CheckResult, Outcome } from '../../src/tracker/outcome.js'
import { flagsOf } from '../../src/tracker/outcome.js'
import { type DnsAnswer, type DnsQuery, startDnsServer } from './dns-server.js'
import { startHttpTracker, startRawTcp } from './http-tracker.js'
import { goodTracker, type Respond, startUdpTracker } from './udp-tracker.js'

/** Time for what is not going to be answered, ms: long enough for loopback on a busy machine. */
export const SHORT_MS = 500

/** A check of a tracker on loopback. */
export function checkLocal(url: string, options: CheckTrackerOptions = {}): Promise<CheckResult> {
  return checkTracker(url, { allowPrivate: true, ...options })
}

/**
 * An outcome in one line, for tables: `ok`, `ok interval_zero`, `rejected auth "bad passkey"`,
 * `failed udp.timeout in udp_connect`, `skipped policy.private_address`. Without `clock_skew`.
 */
export function summary(outcome: Outcome): string {
  // That this machine was busy is not about the tracker.
  const flags = flagsOf(outcome).flatMap((flag) => (flag === 'clock_skew' ? [] : ` ${flag}`))
  switch (outcome.kind) {
    case 'ok':
      return `ok${flags.join('')}`
    case 'rejected':
      return `rejected ${outcome.code} "${outcome.message}"${flags.join('')}`
    case 'failed':
      return `failed ${outcome.code} in ${outcome.phase}`
    case 'skipped':
      return `skipped ${outcome.code}`
  }
}

/** Starts a tracker, works with it and stops it whatever happens. */
export async function using<T extends { readonly stop: () => Promise<void> }, R>(
  starting: Promise<T>,
  work: (tracker: T) => Promise<R>,
): Promise<R> {
  const tracker = await starting
  try {
    return await work(tracker)
  } finally {
    await tracker.stop()
  }
}

/** The sockets that this process has open, by kind. Timers are vitest's too: `loose-ends.test.ts` looks at those. */
export function openSockets(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => /UDP|TCP|TLS/.test(kind))
    .toSorted()
}

/**
 * The sockets that are open now and were not in `before`: none once all are gone, which takes a closed one some turns of the
 * event loop. Those of an earlier test that go in the meantime do not matter.
 */
export async function socketsSince(before: readonly string[], turns = 2000): Promise<readonly string[]> {
  let left = surplus(openSockets(), before)
  for (let turn = 0; turn < turns && left.length > 0; turn++) {
    await new Promise(setImmediate)
    left = surplus(openSockets(), before)
  }
  return left
}

function surplus(kinds: readonly string[], before: readonly string[]): readonly string[] {
  const rest = [...before]
  return kinds.filter((kind) => {
    const at = rest.indexOf(kind)
    if (at !== -1) rest.splice(at, 1)
    return at === -1
  })
}

/** The check of a UDP tracker that responds like this, and what it received. */
export function checkUdp(
  respond: Respond,
  options: CheckTrackerOptions = {},
  place: Parameters<typeof startUdpTracker>[1] = {},
): Promise<CheckResult & { readonly received: readonly Buffer[] }> {
  return using(startUdpTracker(respond, place), async ({ url, received }) => ({
    ...(await checkLocal(url, options)),
    received,
  }))
}

/** The check of an HTTP tracker that responds like this. */
export function checkHttp(respond: RequestListener, options: CheckTrackerOptions = {}): Promise<CheckResult> {
  return using(startHttpTracker(respond), ({ url }) => checkLocal(url, options))
}

/** The summary of a check of a tracker that writes these bytes and may end the connection. */
export function checkRaw(
  respond: (socket: Socket, request: string) => void,
  options: CheckTrackerOptions = {},
): Promise<string> {
  return using(startRawTcp(respond), async ({ url }) => summary((await checkLocal(url, options)).outcome))
}

export function answering(
  body: string | Uint8Array,
  headers: Record<string, string> = {},
  status = 200,
): RequestListener {
  return (_, response) => response.writeHead(status, headers).end(body)
}

/** A check of a living UDP tracker by a name of which the name server says this; about its addresses alone. */
export function checkNamed(said: (query: DnsQuery) => DnsAnswer | undefined, options: CheckTrackerOptions = {}) {
  return using(startDnsServer(said), (dns) =>
    using(startUdpTracker(goodTracker), async ({ port }) => {
      const common = { dnsServers: [dns.address], bep34: 'ignore' } as const
      const result = await checkLocal(`udp://name.test:${port}/announce`, { ...common, ...options })
      return { result, summary: summary(result.outcome), queries: dns.queries }
    }),
  )
}
