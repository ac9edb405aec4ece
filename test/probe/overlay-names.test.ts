import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkTrackers } from '../../src/probe/check-trackers.js'
import { checkNamed, SHORT_MS, summary, using } from '../support/check-local.js'
import { startDnsServer } from '../support/dns-server.js'

describe('a name of an overlay network', () => {
  it('may also be an address that a common name has', async () => {
    const { summary } = await checkNamed(() => ({ addresses: ['200::1'] }))
    expect(summary).toBe('skipped net.overlay_yggdrasil')
  })

  const lists = new URL('../../../shared/trackers/', import.meta.url)
  const reason = existsSync(lists) ? '' : ' (skipped: the lists are not here)'
  it.skipIf(reason !== '').each([
    ['trackers_all_i2p.txt', 'net.overlay_i2p'],
    ['trackers_all_yggdrasil_ip.txt', 'net.overlay_yggdrasil'],
  ])(`is what all of %s are${reason}`, async (file, code) => {
    const path = new URL(file, lists)
    await using(
      startDnsServer(() => ({ addresses: ['127.0.0.1'] })),
      async (dns) => {
        const urls = readFileSync(path, 'utf8').split(/\s+/).filter(Boolean)
        const results = await checkTrackers(urls, { dnsServers: [dns.address], timeoutMs: SHORT_MS })
        expect(results.size).toBeGreaterThan(0)
        for (const [url, { outcome }] of results) expect(`${url} ${summary(outcome)}`).toBe(`${url} skipped ${code}`)
        expect(dns.queries).toEqual([])
      },
    )
  })
})
