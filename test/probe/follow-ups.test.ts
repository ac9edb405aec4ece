import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CheckTrackerOptions, checkTrackers } from '../../src/probe/check-trackers.js'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { type BittorrentTracker, startBittorrentTracker } from '../support/bittorrent-tracker.js'
import { checkLocal, SHORT_MS, summary, using } from '../support/check-local.js'
import { compactPeers, udp } from '../support/encode.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { type Opentracker, startOpentracker } from '../support/opentracker.js'
import { type Reply, scripted, startUdpTracker } from '../support/udp-tracker.js'
import { startWsTracker, wsAnswer } from '../support/ws-tracker.js'

const REFERENCE = 'fe'.repeat(20)
const STRANGER = '192.0.2.1:6881'

/** An announce as a tracker sees it. */
interface Seen {
  readonly infoHash: string
  readonly peerId: string
  readonly event: string
  readonly port: number
}

/** What a tracker says to an announce; `nth` counts them from 0. A text is a refusal, null no answer. */
type Naming = (seen: Seen, nth: number) => readonly string[] | string | null

/** Offsets of BEP 15. */
function seenIn(packet: Buffer): Seen {
  return {
    infoHash: packet.subarray(16, 36).toString('hex'),
    peerId: packet.subarray(36, 56).toString('latin1'),
    event: ['none', 'completed', 'started', 'stopped'][packet.readUInt32BE(80)] ?? '?',
    port: packet.readUInt16BE(96),
  }
}

function udpReply(naming: Naming, log: Seen[]): Reply {
  return (transactionId, packet) => {
    const seen = seenIn(packet)
    log.push(seen)
    const said = naming(seen, log.length - 1)
    if (said === null) return []
    if (typeof said === 'string') return [udp.errorReply(transactionId, said)]
    const peers = compactPeers(...said)
    return [udp.announceReply(transactionId, { interval: 1800, leechers: 1, seeders: 0, peers })]
  }
}

function unescaped(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function httpReply(naming: Naming, log: Seen[]): RequestListener {
  return (request, response) => {
    const parameters = new Map((request.url ?? '').split(/[?&]/).map((pair) => pair.split('=') as [string, string]))
    const bytes = (name: string) => unescaped(parameters.get(name) ?? '')
    const seen = {
      infoHash: Buffer.from(bytes('info_hash'), 'latin1').toString('hex'),
      peerId: bytes('peer_id'),
      event: parameters.get('event') ?? 'none',
      port: Number(parameters.get('port')),
    }
    log.push(seen)
    const said = naming(seen, log.length - 1)
    if (said === null) return
    if (typeof said === 'string') return void response.end(goodAnswer({ 'failure reason': said }))
    response.end(goodAnswer({ peers: compactPeers(...said) }))
  }
}

/** A tracker that remembers who came and tells all others, by info hash. */
function keeping(): Naming {
  const swarms = new Map<string, Set<number>>()
  return ({ infoHash, event, port }) => {
    const swarm = swarms.get(infoHash) ?? new Set<number>()
    swarms.set(infoHash, swarm)
    if (event === 'stopped') swarm.delete(port)
    else swarm.add(port)
    return [...swarm].filter((other) => other !== port).map((other) => `127.0.0.1:${other}`)
  }
}

const forgetting: Naming = () => []

/** A check of a tracker of each kind that names peers like this: its verdict, and the announces that came. */
async function checked(protocol: 'udp' | 'http', naming: Naming, options: CheckTrackerOptions) {
  const seen: Seen[] = []
  const starting: Promise<{ readonly url: string; readonly stop: () => Promise<void> }> =
    protocol === 'udp'
      ? startUdpTracker(scripted({ announce: udpReply(naming, seen) }))
      : startHttpTracker(httpReply(naming, seen))
  return using(starting, async ({ url }) => {
    const result = await checkLocal(url, options)
    return { result, verdict: summary(result.outcome), seen }
  })
}

/** The announces as `started 1, stopped 2`, with the ports numbered as they came. */
function story(seen: readonly Seen[]): string {
  const ports = [...new Set(seen.map(({ port }) => port))]
  return seen.map(({ event, port }) => `${event} ${ports.indexOf(port) + 1}`).join(', ')
}

describe.each(['udp', 'http'] as const)('a check that asks whether peers are kept, over %s', (protocol) => {
  it('finds no fault with a tracker that names the first peer to the second, and both take leave', async () => {
    const { verdict, seen } = await checked(protocol, keeping(), { keepsPeers: true })
    expect(verdict).toBe('ok')
    expect(story(seen)).toBe('started 1, started 2, stopped 2, stopped 1')
    const [first, second] = seen
    expect(second?.infoHash).toBe(first?.infoHash)
    expect(second?.peerId).not.toBe(first?.peerId)
  })

  it('flags a tracker that does not, once it has been told of the first again', async () => {
    const { verdict, seen } = await checked(protocol, forgetting, { keepsPeers: true })
    expect(verdict).toBe('ok keeps_no_peers')
    expect(story(seen)).toBe('started 1, started 2, started 1, started 2, stopped 2, stopped 1')
  })

  it('gives a tracker that lags behind a second chance', async () => {
    const kept = keeping()
    const lagging: Naming = (seen, nth) => {
      const peers = kept(seen, nth)
      return nth < 2 ? [] : peers
    }
    expect((await checked(protocol, lagging, { keepsPeers: true })).verdict).toBe('ok')
  })

  it('learns nothing from a refusal of the second peer, and leaves all the same', async () => {
    const refusing: Naming = (_, nth) => (nth === 1 ? 'one peer per address' : [])
    const { verdict, seen } = await checked(protocol, refusing, { keepsPeers: true })
    expect(verdict).toBe('ok')
    expect(story(seen)).toBe('started 1, started 2, stopped 2, stopped 1')
  })

  it('learns nothing from silence, which leaves time to take leave', async () => {
    const silent: Naming = ({ event }, nth) => (nth === 0 || event === 'stopped' ? [] : null)
    const options = { keepsPeers: true, timeoutMs: 4 * SHORT_MS, attempts: 1 }
    const { verdict, seen } = await checked(protocol, silent, options)
    expect(verdict).toBe('ok')
    expect(story(seen)).toBe('started 1, started 2, stopped 2, stopped 1')
  })

  it('learns nothing from a long list without the first peer, which may be a sample', async () => {
    const crowd = Array.from({ length: 20 }, (_, index) => `192.0.2.${index}:6881`)
    const options = { keepsPeers: true, infoHash: REFERENCE }
    expect((await checked(protocol, () => crowd, options)).verdict).toBe('ok')
    expect((await checked(protocol, () => crowd.slice(1), options)).verdict).toBe('ok keeps_no_peers')
  })

  it('asks no more where the first announce is refused', async () => {
    const { verdict, seen } = await checked(protocol, () => 'unregistered torrent', { keepsPeers: true })
    expect(verdict).toBe('rejected not_registered "unregistered torrent"')
    expect(story(seen)).toBe('started 1')
  })
})

describe('a second peer', () => {
  it('is not taken for made up where a tracker did not hear that it left', () => {
    const ports = new Set<number>()
    const announce = udpReply(({ port }) => {
      const others = [...ports].filter((other) => other !== port)
      ports.add(port)
      return others.map((other) => `127.0.0.1:${other}`)
    }, [])
    return using(startUdpTracker(scripted({ announce })), async ({ url }) => {
      // One identity, two trackers to us.
      const options = { allowPrivate: true, keepsPeers: true, concurrency: 1 }
      const results = await checkTrackers([url, `${url}/again`], options)
      expect([...results.values()].map(({ outcome }) => summary(outcome))).toEqual(['ok', 'ok'])
      expect(ports.size).toBe(2)
    })
  })
})

describe.each(['udp', 'http'] as const)('a check with reference info hashes, over %s', (protocol) => {
  const options = { referenceInfoHashes: [REFERENCE] }

  it('finds out a tracker that makes up peers for popular torrents only', async () => {
    const faking: Naming = ({ infoHash }) => (infoHash === REFERENCE ? [STRANGER] : [])
    expect((await checked(protocol, faking, options)).verdict).toBe('ok fake_peers')
    expect((await checked(protocol, faking, {})).verdict).toBe('ok')
  })

  it('finds no fault with a tracker that still remembers another monitor of the same operator', async () => {
    const ports = new Set<number>()
    const remembering: Naming = ({ infoHash, port }) => {
      if (infoHash !== REFERENCE) return []
      ports.add(port)
      return [...ports].map((one) => `127.0.0.1:${one}`)
    }
    for (const _ of [1, 2]) expect((await checked(protocol, remembering, options)).verdict).toBe('ok')
    expect(ports.size).toBe(1)
  })

  it('asks for one after the other until one is faked', async () => {
    const hashes = ['a1', 'a2', 'a3'].map((byte) => byte.repeat(20))
    const faking: Naming = ({ infoHash }) => (infoHash === hashes[1] ? [STRANGER] : [])
    const { verdict, seen } = await checked(protocol, faking, { referenceInfoHashes: hashes })
    expect(verdict).toBe('ok fake_peers')
    const asked = seen.filter(({ event }) => event === 'started').map(({ infoHash }) => infoHash)
    expect(asked.slice(1)).toEqual(hashes.slice(0, 2))
  })

  it.each([
    ['refused', 'unregistered torrent'],
    ['not answered', null],
  ])('learns nothing where one is %s', async (_, said) => {
    const naming: Naming = ({ infoHash }) => (infoHash === REFERENCE ? said : [])
    expect((await checked(protocol, naming, { ...options, timeoutMs: SHORT_MS })).verdict).toBe('ok')
  })
})

describe('follow-ups', () => {
  it('do not count into latency, phases and packets', async () => {
    const { result } = await checked('udp', forgetting, { keepsPeers: true, referenceInfoHashes: [REFERENCE] })
    const [probe] = result.probes
    expect(probe).toMatchObject({ packetsSent: 2, packetsLost: 0, attempts: 1 })
    const { udp_connect: connectMs = 0, udp_announce: announceMs = 0 } = probe?.phases ?? {}
    expect(probe?.latencyMs).toBeCloseTo(connectMs + announceMs, 5)
  })

  it('are not made where nobody asks for them', async () => {
    const { seen } = await checked('udp', forgetting, {})
    expect(story(seen)).toMatch(/^started 1(, stopped 1)?$/)
  })

  it('are not made over WebSocket, where peers come with offers', () =>
    using(
      startWsTracker((socket, text) => socket.send(wsAnswer(text))),
      async ({ url, received }) => {
        const result = await checkLocal(url, { keepsPeers: true, referenceInfoHashes: [REFERENCE] })
        expect(summary(result.outcome)).toBe('ok')
        const events = received.map((text) => JSON.parse(text).event)
        expect(events.slice(0, 1)).toEqual(['started'])
        expect(events.slice(1).filter((event) => event !== 'stopped')).toEqual([])
      },
    ))

  it.each([
    ['a word', 'enough'],
    ['what could be a failure of the tracker', Object.assign(new Error('cut'), { code: 'ECONNRESET' })],
  ])('end with the check when that is aborted with %s', async (_, reason) => {
    const stopping = new AbortController()
    const naming: Naming = (_, nth) => {
      if (nth === 0) return []
      stopping.abort(reason)
      return null
    }
    const checking = checked('udp', naming, { keepsPeers: true, signal: stopping.signal })
    await expect(checking).rejects.toBe(reason)
  })

  it('are bounded in number', async () => {
    const five = Array(5).fill(REFERENCE)
    await expect(checkLocal('udp://127.0.0.1:1', { referenceInfoHashes: five })).rejects.toThrow(
      'referenceInfoHashes.length is 5, expected a whole number from 0 to 4',
    )
  })
})

describe.skipIf(!isInstalled('opentracker'))(titleFor('opentracker', 'opentracker'), () => {
  const listed = { udp: 'da'.repeat(20), http: 'db'.repeat(20) }
  let tracker: Opentracker
  beforeAll(async () => {
    tracker = await startOpentracker(Object.values(listed))
  })
  afterAll(() => tracker.stop())

  it.each(['udp', 'http'] as const)('keeps peers over %s', async (protocol) => {
    const result = await checkLocal(tracker[protocol], { infoHash: listed[protocol], keepsPeers: true })
    expect(summary(result.outcome)).toBe('ok')
  })
})

describe('bittorrent-tracker', () => {
  let tracker: BittorrentTracker
  beforeAll(async () => {
    tracker = await startBittorrentTracker()
  })
  afterAll(() => tracker.stop())

  it.each(['udp4', 'http'] as const)('keeps peers over %s, and makes up none', async (protocol) => {
    const options = { keepsPeers: true, referenceInfoHashes: [REFERENCE] }
    for (const _ of [1, 2]) {
      const result = await checkLocal(tracker[protocol], options)
      expect(summary(result.outcome)).toBe('ok')
    }
  })

  it('names no peers over udp6, which is worth the flag', async () => {
    const result = await checkLocal(tracker.udp6, { keepsPeers: true })
    expect(summary(result.outcome)).toBe('ok keeps_no_peers')
  })
})
