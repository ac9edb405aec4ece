import { describe, expect, it, onTestFinished } from 'vitest'
import { startDnsServer } from '../support/dns-server.js'
import { udp } from '../support/encode.js'
import { CONNECTION_ID, goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { explain, explainNamed, started } from './explain-run.js'
import { refusing, silent, tracker } from './support.js'

describe('check --explain over UDP', () => {
  it('shows every packet field by field, and why the tracker is alive', async () => {
    const { code, stdout } = await explain(await tracker())
    expect(code).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "udp://127.0.0.1:PORT/announce

      IPv4 127.0.0.1 port PORT
        TIME  →  connect request, 16 bytes
                    protocol id     0000041727101980
                    transaction id  ID
        TIME  ←  connect response, 16 bytes, after TIME
                    transaction id  ID
                    connection id   1122334455667788
        TIME  →  announce request, 98 bytes
                    connection id   1122334455667788
                    transaction id  ID
                    info hash       0123456789abcdef0123456789abcdef01234567
                    peer id         PEER-ID
                    downloaded      0 bytes
                    left            1000 bytes
                    uploaded        0 bytes
                    event           started
                    ip              0.0.0.0 (that of the packet)
                    key             KEY
                    num want        5
                    port            OUR-PORT
        TIME  ←  announce response, 20 bytes, after TIME
                    transaction id  ID
                    interval        1800 s
                    leechers        1
                    seeders         0
                    peers           0
        TIME  →  announce request, 98 bytes
                    takes leave, no answer awaited
                    transaction id  ID
                    event           stopped
                    num want        0
                    …               the rest as before
        TIME  =  ok in TIME
                    udp_connect TIME, udp_announce TIME

      Verdict: alive
        outcome  ok
        latency  TIME
        IPv4     127.0.0.1 ok in TIME
        rule     IPv4 alone was checked, so it decides
        counts   as up
        alive    yes: it serves the announce (alive_when: announce)
      "
    `)
  })

  it('shows what was sent again to a silent tracker', async () => {
    const { code, stdout } = await explain(await tracker({ connect: silent }), '--timeout', '1500ms')
    expect(code).toBe(1)
    expect(stdout).toMatchInlineSnapshot(`
      "udp://127.0.0.1:PORT/announce

      IPv4 127.0.0.1 port PORT
        TIME  →  connect request, 16 bytes
                    protocol id     0000041727101980
                    transaction id  ID
        TIME  →  connect request, 16 bytes, sent again: 2 of 3
                    transaction id  ID
                    …               the rest as before
        TIME  →  connect request, 16 bytes, sent again: 3 of 3
                    transaction id  ID
                    …               the rest as before
        TIME  =  failed (udp.timeout) in udp_connect: no result within TIME
                    3 packets sent, 2 of them again

      Verdict: not alive
        outcome  failed · timeout · udp.timeout
        means    No answer to the connect request
        detail   no result within TIME
        IPv4     127.0.0.1 failed (udp.timeout)
        rule     IPv4 alone was checked, so it decides
        counts   as down
        alive    no: it gave no answer that clients could use
      "
    `)
  })

  it('shows each packet that it ignores, and why', async () => {
    const connect = (transactionId: number) => [
      Buffer.from([1, 2, 3]),
      udp.connectReply(transactionId ^ 1, CONNECTION_ID),
      udp.connectReply(transactionId, CONNECTION_ID.subarray(1)),
    ]
    const { stdout } = await explain(await tracker({ connect }), '--timeout', '300ms', '--attempts', '1')
    expect(stdout).toMatchInlineSnapshot(`
      "udp://127.0.0.1:PORT/announce

      IPv4 127.0.0.1 port PORT
        TIME  →  connect request, 16 bytes
                    protocol id     0000041727101980
                    transaction id  ID
        TIME  ←  datagram, 3 bytes
                    ignored: shorter than any packet of the protocol
                    bytes  010203
        TIME  ←  connect response, 16 bytes
                    ignored: its transaction id is none of ours
                    transaction id  ID
                    connection id   1122334455667788
        TIME  ←  connect response, 15 bytes, after TIME
                    ignored: too short for what it has to hold
                    transaction id  ID
                    bytes           00000000 ID 22334455 667788
        TIME  =  failed (udp.truncated) in udp_connect: connect response of 15 bytes, too short

      Verdict: not alive
        outcome  failed · malformed · udp.truncated
        means    The answer is cut short
        detail   connect response of 15 bytes, too short
        IPv4     127.0.0.1 failed (udp.truncated)
        rule     IPv4 alone was checked, so it decides
        counts   as down
        alive    no: it gave no answer that clients could use
      "
    `)
  })

  it('shows a refusal, and the policy by which it counts', async () => {
    const url = await tracker({ announce: refusing('unregistered torrent') })
    const verdicts = await Promise.all([explain(url), explain(url, '--alive-when', 'response')])
    expect(verdicts.map(({ code }) => code)).toEqual([1, 0])
    const [first = '', second = ''] = verdicts.map(({ stdout }) => stdout.slice(stdout.indexOf('Verdict')))
    expect(first).toMatchInlineSnapshot(`
      "Verdict: not alive
        outcome  rejected · not_registered
        means    Refuses: serves registered torrents only
        said     unregistered torrent
        latency  TIME
        IPv4     127.0.0.1 rejected (not_registered) in TIME
        rule     IPv4 alone was checked, so it decides
        counts   as rejecting
        alive    no: a refusal does not count as alive (alive_when: announce)
      "
    `)
    expect(second.split('\n').at(-2)).toBe('  alive    yes: a refusal counts as alive (alive_when: response)')
  })
})

describe('check --explain, interrupted', () => {
  it('shows what has happened so far, and no verdict', async () => {
    const { url, stop } = await startUdpTracker(() => {
      process.emit('SIGINT')
      return []
    })
    onTestFinished(stop)
    const { code, stdout } = await explain(url)
    expect(code).toBe(130)
    expect(stdout).toMatch(/→ {2}connect request/)
    expect(stdout).not.toContain('Verdict')
  })
})

describe('check --explain of a name', () => {
  it('shows that it does not exist', async () => {
    const { address } = await started(startDnsServer(() => 'nxdomain'))
    expect(await explainNamed('udp://gone.test:6969/announce', { dnsServers: [address] })).toMatchInlineSnapshot(`
      "udp://gone.test:PORT/announce

      Name
        TIME  ·  A of gone.test: dns.nxdomain, after TIME
                    gone.test does not exist
        TIME  ·  AAAA of gone.test: dns.nxdomain, after TIME
                    gone.test does not exist
        TIME  ·  TXT of gone.test: no word about trackers (BEP 34), after TIME

      Verdict: not alive
        outcome  failed · dns · dns.nxdomain
        means    The name does not exist
        detail   gone.test does not exist
        IPv4     failed (dns.nxdomain)
        IPv6     failed (dns.nxdomain)
        rule     IPv4 and IPv6 alike: failed (dns.nxdomain)
        counts   as down
        alive    no: it gave no answer that clients could use
      "
    `)
  })

  it('shows that its owner wants no tracker there (BEP 34)', async () => {
    const { address } = await started(
      startDnsServer(({ type }) =>
        type === 'TXT' ? { texts: [['BITTORRENT DENY ALL']] } : { addresses: ['127.0.0.1'] },
      ),
    )
    expect(await explainNamed('udp://deny.test:6969/announce', { dnsServers: [address] })).toMatchInlineSnapshot(`
      "udp://deny.test:PORT/announce

      Name
        TIME  ·  A of deny.test: 127.0.0.1, after TIME
        TIME  ·  AAAA of deny.test: none, after TIME
        TIME  ·  TXT of deny.test: runs no tracker (BEP 34), after TIME
                    no tracker is wanted here

      Verdict: none, the check was skipped
        outcome  skipped · opted_out · bep34.denied
        means    The domain says that it runs no tracker (BEP 34)
        detail   deny.test says by DNS that it runs no tracker (BEP 34)
        IPv4     skipped (bep34.denied)
        IPv6     no address
        rule     IPv6 has no address, IPv4 skipped (bep34.denied): a family without an address says nothing, so IPv4 decides
        counts   as unknown
        alive    no: nothing was learned about it, which counts neither for nor against it
      "
    `)
  })

  it('shows how a dead address of one family and a living one of the other become one verdict', async () => {
    const { port } = await started(startUdpTracker(goodTracker))
    const { address } = await started(
      startDnsServer(({ type }) => (type === 'TXT' ? { texts: [] } : { addresses: ['127.0.0.1', '::1'] })),
    )
    const stdout = await explainNamed(`udp://dual.test:${port}/announce`, { dnsServers: [address], timeoutMs: 1000 })
    expect(stdout.match(/^IPv.*$/gm)).toEqual(['IPv4 127.0.0.1 port PORT', 'IPv6 ::1 port PORT'])
    expect(stdout.slice(stdout.indexOf('Verdict'))).toMatchInlineSnapshot(`
      "Verdict: alive
        outcome  ok
        latency  TIME
        IPv4     127.0.0.1 ok in TIME
        IPv6     ::1 failed (net.refused)
        rule     IPv6 failed (net.refused), IPv4 ok: the family that answers decides, flagged family_down
        flag     family_down (degrades): Answers over one address family only, though it has addresses of both
        counts   as degraded
        alive    yes: it serves the announce (alive_when: announce)
      "
    `)
  })
})
