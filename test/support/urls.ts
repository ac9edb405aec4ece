import { type CheckTrackerOptions, checkTracker } from '../../src/probe/check-trackers.js'
import { summary, using } from './check-local.js'
import { startDnsServer } from './dns-server.js'

/** What a check makes of a URL whose host does not exist: how it reads it, what it says, and what it asks the DNS. */
export interface Reading {
  /** The canonical URL, or the text as given. */
  readonly url: string
  readonly verdict: string
  readonly names: readonly string[]
}

/** The verdict on what was understood and then not found. */
export const UNDERSTOOD = 'failed dns.nxdomain in resolve'

/** No packet leaves: no name exists, and addresses are skipped unless `allowPrivate` is set. */
export function readUrl(url: string, options: CheckTrackerOptions = {}): Promise<Reading> {
  return using(
    startDnsServer(() => 'nxdomain'),
    async (dns) => {
      const common = { dnsServers: [dns.address], family: 4, bep34: 'ignore' } as const
      const result = await checkTracker(url, { ...common, ...options })
      return { url: result.url, verdict: summary(result.outcome), names: dns.queries.map(({ name }) => name) }
    },
  )
}

/** Text → verdict, for URLs that all get the same. */
export async function verdictsOn(
  urls: readonly string[],
  options: CheckTrackerOptions = {},
): Promise<Readonly<Record<string, string>>> {
  const read = await Promise.all(urls.map((url) => readUrl(url, options)))
  return Object.fromEntries(urls.map((url, index) => [url, read[index]?.verdict ?? '']))
}

/** Every text with the same verdict. */
export function all(urls: readonly string[], verdict: string): Readonly<Record<string, string>> {
  return Object.fromEntries(urls.map((url) => [url, verdict]))
}
