import { describe, expect, it } from 'vitest'
import { refuseAddress, refuseName } from '../../src/probe/address-policy.js'
import { checkTracker } from '../../src/probe/check-trackers.js'
import { createExchange } from '../../src/probe/exchange.js'
import { http } from '../../src/probe/http.js'
import { createIdentity } from '../../src/probe/identity.js'
import { followRedirects } from '../../src/probe/redirects.js'
import { createResolver } from '../../src/probe/resolve.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { summary, using } from '../support/check-local.js'
import { startDnsServer, zoneOf } from '../support/dns-server.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'

describe('an address', () => {
  it.each([
    '10.0.0.1',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '127.0.0.1',
    '127.255.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.127.255.255',
    '0.0.0.0',
    '0.1.2.3',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'febf::1',
    'fc00::1',
    'fcab::1',
    'fdff::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::a00:1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::7f00:1',
  ])('%s is private, and contacted only where that is allowed (P025)', (address) => {
    expect(refuseAddress(address, false)).toMatchObject({ reason: 'private_address', code: 'policy.private_address' })
    expect(refuseAddress(address, true)).toBeNull()
  })

  it.each(['200::1', '201:db8::1', '2ff::1', '300::1', '3ff:ffff::1'])(
    '%s is of Yggdrasil, whatever is allowed',
    (address) => {
      for (const allowPrivate of [false, true]) {
        expect(refuseAddress(address, allowPrivate)).toMatchObject({
          reason: 'overlay_network',
          code: 'net.overlay_yggdrasil',
        })
      }
    },
  )

  it.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '223.255.255.255',
    '2606:4700::1',
    '2a00::1',
    '400::1',
    '1ff::1',
    '::ffff:1.1.1.1',
    '64:ff9b::101:101',
  ])('%s is public', (address) => {
    expect(refuseAddress(address, false)).toBeNull()
  })
})

describe('a name', () => {
  it.each([
    'localhost',
    'a.localhost',
    'retracker.local',
    'x.invalid',
    'x.test',
    'x.example',
    'x.internal',
    'intranet',
  ])('%s is local, and asked for only where that is allowed (P024)', (name) => {
    expect(refuseName(name, false)).toMatchObject({ reason: 'local_name', code: 'policy.local_name' })
    expect(refuseName(name, true)).toBeNull()
  })

  it.each(['tracker.example.org', 'local.tracker.net', 'onion.tracker.net', 'testing.net'])('%s is public', (name) => {
    expect(refuseName(name, false)).toBeNull()
  })
})

describe('a tracker in a private place', () => {
  it.each(['127.0.0.1', '0x7f.1', '2130706433', '127.1', '017700000001', '[::ffff:127.0.0.1]', '[::1]', 'localhost'])(
    'is not contacted, however its address is written: %s (P007)',
    (host) =>
      using(startUdpTracker(goodTracker), async ({ port, received }) => {
        const result = await checkTracker(`udp://${host}:${port}/announce`)
        expect(summary(result.outcome)).toMatch(/^skipped policy\.(?:private_address|local_name)$/)
        expect(result).toMatchObject({ alive: false, latencyMs: null, probes: [] })
        expect(received).toEqual([])
      }),
  )

  it.each(['127.0.0.1', '::1', '::ffff:10.0.0.1', '64:ff9b::a00:1'])(
    'is not contacted where a public name has the address %s (D017, D018)',
    (address) =>
      using(startDnsServer(zoneOf({ 'tracker.net': [address] })), (dns) =>
        using(startUdpTracker(goodTracker), async ({ port, received }) => {
          const result = await checkTracker(`udp://tracker.net:${port}`, { dnsServers: [dns.address] })
          expect(summary(result.outcome)).toBe('skipped policy.private_address')
          expect(received).toEqual([])
        }),
      ),
  )

  it.each(['http://127.0.0.1:PORT/x', 'http://0x7f.1:PORT/x', 'http://inside.net:PORT/x', 'http://localhost:PORT/x'])(
    'is not contacted where another tracker redirects to it: %s (H104)',
    (location) =>
      using(startDnsServer(zoneOf({ 'inside.net': ['127.0.0.1'] })), (dns) =>
        using(
          startHttpTracker((_, response) => response.end(goodAnswer())),
          async (inside) => {
            const to = location.replace('PORT', String(inside.port))
            await using(
              startHttpTracker((_, response) => response.writeHead(302, { Location: to }).end()),
              async ({ url }) => {
                await expect(announceFromOutside(url, dns.address)).rejects.toMatchObject({
                  outcome: { kind: 'skipped', code: expect.stringMatching(/^policy\.(?:private_address|local_name)$/) },
                })
                expect(inside.connections()).toBe(0)
              },
            )
          },
        ),
      ),
  )
})

/** An announce as if the first tracker, on loopback like all in a test, had passed the policy. */
async function announceFromOutside(url: string, dnsServer: string): Promise<unknown> {
  const { tracker } = parseTracker(url)
  if (tracker === undefined) throw new Error(`${url} does not parse`)
  const resolver = createResolver({ servers: [dnsServer] })
  const { peerId, key, port } = createIdentity()
  const amounts = { left: 0, downloaded: 0, uploaded: 0, numWant: 0 }
  const nothing = { ip: null, trackerId: null, headers: {}, leave: false, event: 'none' as const }
  const request = { infoHash: new Uint8Array(20), peerId, key, port, userAgent: 'test', ...amounts, ...nothing }
  const options = { attempts: 1, timeoutMs: 5000, allowPrivate: false, bep34: 'ignore' as const, resolver }
  const exchange = createExchange(new AbortController().signal, options, 'connect')
  try {
    const start = { tracker, family: 4, address: '127.0.0.1' } as const
    return await followRedirects(start, options, exchange, (target) => http.announce(target, request, exchange))
  } finally {
    resolver.close()
  }
}
