import { describe, expect, it } from 'vitest'
import { canReject, inNetwork, obstacle, REJECT, titleFor } from './network.js'
import type { Reached, ReachTask } from './reach.js'

const reach = (setup: readonly string[], task: ReachTask) => inNetwork<Reached>(setup, 'reach.ts', task)

const LOOPBACK = 'ip link set lo up'
const CABLE = 'ip link add near type veth peer name far && ip link set near up && ip link set far up'

describe.skipIf(obstacle !== null)(titleFor('a machine that has'), { timeout: 30_000 }, () => {
  it.each([
    ['no IPv6 address', [LOOPBACK]],
    ['IPv6 switched off', [LOOPBACK, 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1']],
    ['IPv6 among neighbours only', [LOOPBACK, CABLE, 'ip addr add fd00:1::1/64 dev near nodad']],
  ])('%s does not hold it against a tracker that has both', async (_, setup) => {
    const reached = await reach(setup, { addresses: ['127.0.0.1', '2001:db8::1'] })
    const ipv4Alone = { outcome: 'ok', probes: ['IPv4 ok', 'IPv6 skipped local.no_ipv6'] }
    expect(reached).toEqual({ udp: ipv4Alone, http: ipv4Alone, ws: ipv4Alone })
  })

  it.each([
    ['no way out', [LOOPBACK]],
    ['no way out and IPv6 switched off', [LOOPBACK, 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1']],
    ['a cable that goes nowhere', [LOOPBACK, CABLE, 'ip addr add 169.254.7.7/16 dev near']],
    ['neighbours, but no router', [LOOPBACK, CABLE, 'ip addr add 10.77.0.1/24 dev near']],
    ['a route that says no', [LOOPBACK, 'ip route add unreachable default']],
  ])('%s learns nothing about trackers', async (_, setup) => {
    const hosts = ['198.51.100.7', '[2001:db8::1]', 'tracker.test']
    const urls = ['udp', 'http', 'https', 'ws', 'wss'].flatMap((scheme) =>
      hosts.map((host) => `${scheme}://${host}:6969/announce`),
    )
    const reached = await reach(setup, { addresses: ['198.51.100.8', '2001:db8::2'], urls })
    const codes = Object.entries(reached).map(([url, { outcome }]) => `${url} ${outcome}`)
    expect(codes).toEqual(urls.map((url) => `${url} skipped local.no_ipv${url.includes('[') ? 6 : 4}`))
  })

  it('no way out misses a neighbour that is not there all the same', async () => {
    const cable = `${CABLE} && sysctl -qw net.ipv4.neigh.near.retrans_time_ms=50`
    const urls = ['udp', 'http', 'ws'].map((scheme) => `${scheme}://10.77.0.9:6969/announce`)
    const reached = await reach([LOOPBACK, cable, 'ip addr add 10.77.0.1/24 dev near'], { addresses: [], urls })
    const outcomes = Object.values(reached).map(({ outcome }) => outcome)
    expect(outcomes).toEqual([
      'failed udp.timeout in udp_connect',
      'failed net.unreachable in connect',
      'failed net.unreachable in connect',
    ])
  })

  it.skipIf(!canReject())('a firewall between itself and a tracker holds that against the tracker', async () => {
    const urls = ['udp', 'http', 'ws'].map((scheme) => `${scheme}://[2001:db8::9]:6969/announce`)
    const home = 'ip addr add 2001:db8::9/128 dev lo nodad'
    const reached = await reach([LOOPBACK, home, REJECT], { addresses: [], urls })
    const outcomes = Object.values(reached).map(({ outcome }) => outcome)
    expect(outcomes).toEqual([
      'failed net.unreachable in udp_connect',
      'failed net.unreachable in connect',
      'failed net.unreachable in connect',
    ])
  })

  it('addresses that only a neighbour could have gets an outcome for each of them', async () => {
    const hosts = ['[fe80::1]', '[ff02::1]', '[::]', '[::ffff:198.51.100.1]', '[100::1]', '0.0.0.0', '0.1.2.3']
    const more = ['255.255.255.255', '224.0.0.1', '240.0.0.1', '[2002::1]', '[fec0::1]']
    const urls = ['udp', 'http', 'wss'].flatMap((scheme) =>
      [...hosts, ...more].map((host) => `${scheme}://${host}:9/a`),
    )
    const reached = await reach([LOOPBACK], { addresses: [], urls })
    const outcomes = Object.values(reached).map(({ outcome }) => outcome.replace(/ in \w+$/, ''))
    expect([...new Set(outcomes)].toSorted()).toEqual([
      'failed net.refused',
      'skipped local.no_ipv4',
      'skipped local.no_ipv6',
    ])
  })
})
