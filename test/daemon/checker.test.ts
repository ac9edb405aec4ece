import { describe, expect, it } from 'vitest'
import { type Config, toConfig } from '../../src/config/config.js'
import { settingsSchema } from '../../src/config/schema.js'
import { createChecker } from '../../src/daemon/plan.js'
import { createIdentity } from '../../src/probe/identity.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { summary, using } from '../support/check-local.js'
import { startDnsServer } from '../support/dns-server.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'

function configOf(dnsServer: string, timeout = '2s'): Config {
  const settings = {
    groups: [{ name: 'obeying' }, { name: 'reporting', bep34: 'report' }],
    probe: { allow_private: true, family: 4, timeout, dns: { servers: [dnsServer] } },
  }
  return toConfig(settingsSchema.parse(settings), [])
}

describe('the checker of the daemon', () => {
  it('obeys an opt-out (BEP 34) or reports it, as the group says, and remembers it over a reload', () =>
    using(startUdpTracker(goodTracker), ({ port, received }) =>
      using(
        startDnsServer(({ type, earlier }) => {
          if (type !== 'TXT') return { addresses: ['127.0.0.1'] }
          return earlier === 0 ? { texts: [['BITTORRENT']] } : { texts: [] }
        }),
        async (dns) => {
          const { tracker } = parseTracker(`udp://name.test:${port}/announce`)
          if (tracker === undefined) throw new Error('does not parse')
          const checker = createChecker(configOf(dns.address), createIdentity())
          const verdict = async (group: string): Promise<string> => {
            const signal = new AbortController().signal
            const result = await checker.check({ tracker, group, aliveWhen: 'announce' }, signal)
            return result === null ? 'no result' : summary(result.outcome)
          }
          expect(await verdict('obeying')).toBe('skipped bep34.denied')
          checker.use(configOf(dns.address))
          expect(await verdict('obeying')).toBe('skipped bep34.denied')
          expect(received).toEqual([])
          expect(await verdict('reporting')).toBe('ok bep34.denied')
          checker.use(configOf(dns.address, '3s'))
          expect(await verdict('obeying')).toBe('ok')
          checker.close()
        },
      ),
    ))
})
