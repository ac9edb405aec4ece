import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { checkTracker, checkTrackers } from '../../src/probe/check-trackers.js'
import { checkLocal, summary, using } from '../support/check-local.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { all, readUrl, UNDERSTOOD, verdictsOn } from '../support/urls.js'

/** The codes of what is skipped, and every name that the DNS was asked for. */
async function skips(urls: readonly string[], allowPrivate = false) {
  const read = await Promise.all(urls.map((url) => readUrl(url, { allowPrivate })))
  return Object.fromEntries(urls.map((url, index) => [url, [read[index]?.verdict, ...(read[index]?.names ?? [])]]))
}

describe('a tracker', () => {
  it('P007 at 127.0.0.1 is at 127.0.0.1 however that is written, before policy looks', async () => {
    const hosts = [
      '127.0.0.1',
      '0x7f.1',
      '2130706433',
      '127.1',
      '017700000001',
      '0x7f000001',
      '１２７.0.0.1',
      '127.0.0.1.',
    ]
    await using(startUdpTracker(goodTracker), async ({ port, received }) => {
      const urls = hosts.map((host) => `udp://${host}:${port}`)
      const refused = await Promise.all(urls.map((url) => checkTracker(url)))
      expect(refused.map(({ url, outcome }) => `${url} ${summary(outcome)}`)).toEqual(
        hosts.map(() => `udp://127.0.0.1:${port} skipped policy.private_address`),
      )
      expect(received).toEqual([])
      const allowed = await checkTrackers(urls, { allowPrivate: true })
      expect([...allowed.values()].map(({ outcome }) => summary(outcome))).toEqual(hosts.map(() => 'ok'))
    })
  })

  it('P023 in an overlay network is skipped by the name of that, whatever is allowed, and the DNS not asked', async () => {
    const overlays: Readonly<Record<string, string>> = {
      'udp://tracker.onion:80': 'tor',
      'http://tracker.i2p/announce': 'i2p',
      'http://a.b.i2p:6969/announce': 'i2p',
      'udp://tracker.loki:80': 'loki',
      'http://tracker.ygg/announce': 'yggdrasil',
      'http://tracker.meshname/announce': 'yggdrasil',
      'http://[200::1]:80/announce': 'yggdrasil',
      'http://[3ff:ffff::1]:80/announce': 'yggdrasil',
    }
    const expected = Object.entries(overlays).map(([url, network]) => [url, [`skipped net.overlay_${network}`]])
    expect(await skips(Object.keys(overlays))).toEqual(Object.fromEntries(expected))
    expect(await skips(Object.keys(overlays), true)).toEqual(Object.fromEntries(expected))
  })

  it('P024 with a name of the local network is skipped, unless that is allowed, and the DNS not asked', async () => {
    const names = [
      'retracker.local',
      'localhost',
      'a.localhost',
      'intranet',
      'x.test',
      'x.example',
      'x.invalid',
      'x.internal',
    ]
    const urls = names.map((name) => `http://${name}/announce`)
    expect(await skips(urls)).toEqual(Object.fromEntries(urls.map((url) => [url, ['skipped policy.local_name']])))
    const asked = ['http://retracker.local/announce', 'http://intranet/announce']
    expect(await verdictsOn(asked, { allowPrivate: true })).toEqual(all(asked, UNDERSTOOD))
  })

  it('P025 with a private, shared, link-local, multicast or reserved address is skipped', async () => {
    const ipv4 = [
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.0.1',
      '127.255.0.1',
      '169.254.169.254',
      '100.64.0.1',
    ]
    const special = ['0.0.0.0', '224.0.0.1', '240.0.0.1', '255.255.255.255']
    const ipv6 = ['::', '::1', 'fe80::1', 'fc00::1', 'fdff::1', 'ff02::1', '::ffff:10.0.0.1', '64:ff9b::a00:1']
    const urls = [...ipv4, ...special, ...ipv6.map((address) => `[${address}]`)].map((host) => `udp://${host}:1`)
    expect(await skips(urls)).toEqual(Object.fromEntries(urls.map((url) => [url, ['skipped policy.private_address']])))
  })

  it('P030 is another one at another path of the same endpoint, each checked with its own', async () => {
    await using(
      startHttpTracker((request, response) =>
        response.end(request.url?.startsWith('/a0') ? goodAnswer() : 'd14:failure reason7:unknowne'),
      ),
      async ({ port, requests }) => {
        const urls = ['a0a0a0a0a0a0a0a0a0', 'b1b1b1b1b1b1b1b1b1'].map(
          (key) => `http://127.0.0.1:${port}/${key}/announce`,
        )
        const results = await checkTrackers(urls, { allowPrivate: true })
        expect([...results].map(([url, { outcome }]) => [url, outcome.kind])).toEqual([
          [urls[0], 'ok'],
          [urls[1], 'rejected'],
        ])
        expect(new Set(requests.map(({ url }) => url?.slice(0, 4)))).toEqual(new Set(['/a0a', '/b1b']))
      },
    )
  })

  it('P031 may be at a port of SSH, mail or HTTPS; one that is abused for reflection gets a note', async () => {
    // An address of loopback that nobody else uses, where all ports are free.
    const host = '127.53.31.7'
    const quiet = await Promise.all([22, 25, 443].map((port) => checkLocal(`udp://${host}:${port}`, { attempts: 1 })))
    expect(quiet.map(({ outcome }) => summary(outcome))).toEqual(quiet.map(() => 'failed net.refused in udp_connect'))
    const noted: Record<number, string> = {}
    for (const port of [53, 123, 161, 1900, 11_211]) {
      if (!(await isFree(host, port))) continue
      const { outcome } = await using(startUdpTracker(goodTracker, { host, port }), ({ url }) => checkLocal(url))
      noted[port] = summary(outcome)
    }
    // Ports below 1024 are not everybody's to open.
    expect(noted).toMatchObject({ 1900: 'ok udp.reflection_port', 11211: 'ok udp.reflection_port' })
    expect(new Set(Object.values(noted))).toEqual(new Set(['ok udp.reflection_port']))
  })
})

/** Whether we may listen there. */
async function isFree(host: string, port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    const bound = once(socket, 'listening')
    socket.bind(port, host)
    await bound
    return true
  } catch {
    return false
  } finally {
    await new Promise<void>((resolve) => socket.close(() => resolve()))
  }
}
