import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Bencodable, bencodeText, compactPeers } from '../support/encode.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { announced, kindOf, scripted, startUdpTracker, type UdpTracker } from '../support/udp-tracker.js'
import { directory, INFO_HASH, run } from './support.js'

const INFO = { name: 'some.iso', 'piece length': 16384, length: 3, pieces: Buffer.alloc(20, 0xfe), private: 1 }
const V2 = { 'meta version': 2, 'file tree': { 'some.iso': { '': { length: 3 } } } }

function check(...args: string[]) {
  return run(['check', '--allow-private', '--family', '4', '--timeout', '5s', ...args])
}

function torrentFile(parts: Readonly<Record<string, Bencodable>>, info: Bencodable = INFO): string {
  const file = join(directory(), 'some.torrent')
  writeFileSync(file, bencodeText({ info, ...parts }))
  return file
}

function digest(algorithm: string, info: Bencodable): string {
  return createHash(algorithm).update(bencodeText(info)).digest('hex').slice(0, 40)
}

async function udpTracker(peers = compactPeers()): Promise<UdpTracker> {
  const tracker = await startUdpTracker(scripted({ announce: announced({ peers }) }))
  onTestFinished(tracker.stop)
  return tracker
}

async function httpTracker() {
  const tracker = await startHttpTracker((_, response) => response.end(goodAnswer()))
  onTestFinished(tracker.stop)
  return tracker
}

/** The info hashes that a tracker got, each once, as hex digits (BEP 15). */
function announcedTo({ received }: UdpTracker): readonly string[] {
  const announces = received.filter((packet) => kindOf(packet) === 'announce')
  return [...new Set(announces.map((packet) => packet.subarray(16, 36).toString('hex')))]
}

/** The same of a request over HTTP, decoded byte by byte (BEP 3). */
function infoHashIn(url = ''): string {
  const encoded = /[?&]info_hash=([^&]*)/.exec(url)?.[1] ?? ''
  return encoded.replaceAll(/%([0-9a-f]{2})|(.)/gi, (_, hex?: string, char = '') =>
    (hex ?? char.charCodeAt(0).toString(16)).toLowerCase(),
  )
}

describe('check --torrent', () => {
  it('announces its info hash to its own trackers and to nobody else', async () => {
    const [first, second, stranger] = [await udpTracker(), await httpTracker(), await udpTracker()]
    const file = torrentFile({ announce: first.url, 'announce-list': [[first.url], [second.url]] })
    const { code, stdout, stderr } = await check('--torrent', file, '--alive')
    expect(stderr).toMatch(/^2 of 2 alive · /)
    expect(stdout).toBe(`${first.url}\n${second.url}\n`)
    expect(code).toBe(0)
    expect(announcedTo(first)).toEqual([digest('sha1', INFO)])
    expect([...new Set(second.requests.map(({ url }) => infoHashIn(url)))]).toEqual([digest('sha1', INFO)])
    expect(stranger.received).toEqual([])
  })

  it.each([
    ['a hybrid by version 1', { ...INFO, ...V2 }, 'sha1'],
    ['one of version 2 alone by its SHA-256', { name: 'x', ...V2 }, 'sha256'],
  ])('announces %s', async (_, info, algorithm) => {
    const tracker = await udpTracker()
    expect((await check('--torrent', torrentFile({ announce: tracker.url }, info))).code).toBe(0)
    expect(announcedTo(tracker)).toEqual([digest(algorithm, info)])
  })

  it('takes the peers that come back for real', async () => {
    const { url } = await udpTracker(compactPeers('192.0.2.1:6881', '192.0.2.2:80'))
    const { stdout } = await check('--json', '--torrent', torrentFile({ announce: url }))
    expect(JSON.parse(stdout)).toMatchObject({ alive: true, flags: [], probes: [{ peers: 2 }] })
  })

  it('reports a tracker that is no announce URL, checks the others, and ends with 2', async () => {
    const { url } = await udpTracker()
    const file = torrentFile({ announce: url, 'announce-list': [[url, 'dht://x', 'udp://x']] })
    const { code, stdout, stderr } = await check('--torrent', file)
    expect(code).toBe(2)
    expect(stderr).toContain('torrent: "dht://x": scheme "dht", expected one of udp, http, https, ws, wss\n')
    expect(stderr).toContain('torrent: "udp://x": udp URL without a port, expected udp://host:port\n')
    expect(stdout).toContain(`✓ ${url}`)
  })
})

describe('check --magnet', () => {
  it('announces its info hash to its own trackers and to nobody else', async () => {
    const [first, second, stranger] = [await udpTracker(), await udpTracker(), await udpTracker()]
    const trackers = [first, second].map(({ url }) => `&tr=${encodeURIComponent(url)}`).join('')
    const { code, stdout } = await check('--alive', '--magnet', `magnet:?xt=urn:btih:${INFO_HASH}${trackers}&dn=x`)
    expect(stdout).toBe(`${first.url}\n${second.url}\n`)
    expect(code).toBe(0)
    expect([first, second].map(announcedTo)).toEqual([[INFO_HASH], [INFO_HASH]])
    expect(stranger.received).toEqual([])
  })
})

describe('a torrent stands alone', () => {
  const MAGNET = `magnet:?xt=urn:btih:${INFO_HASH}&tr=udp://t.example:1`
  const alone = 'expected it alone: its info hash is for its own trackers only'
  it.each<[readonly string[], string]>([
    [['--torrent', 'x', 'udp://t.example:1'], `--torrent beside announce URLs, ${alone}`],
    [['--torrent', 'x', '-f', 'list.txt'], `--torrent beside -f, ${alone}`],
    [['--torrent', 'x', '--info-hash', INFO_HASH], `--torrent beside --info-hash, ${alone}`],
    [['--torrent', 'x', '--magnet', MAGNET], `--torrent beside --magnet, ${alone}`],
    [['--magnet', MAGNET, '-f', '-', 'udp://t.example:1'], `--magnet beside announce URLs and -f, ${alone}`],
    [['--torrent', 'x', '--torrent', 'y'], '--torrent is given twice, expected one torrent at a time'],
    [['--magnet', MAGNET, '--magnet', MAGNET], '--magnet is given twice, expected one torrent at a time'],
  ])('%j', async (args, sentence) => {
    const { code, stdout, stderr } = await check(...args)
    expect(stderr).toBe(`trackerwatch: ${sentence}\n`)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })
})

describe('a torrent that cannot be checked ends with 2 and one sentence', () => {
  const noTrackers = 'a torrent without trackers (it finds peers by the DHT), expected one with trackers'
  it.each([
    ['has no tracker', torrentFile, noTrackers],
    ['is missing', () => join(directory(), 'none'), 'no such file'],
    ['is a folder', () => directory(), 'is a directory, expected a file'],
    ['is no torrent', () => torrentFile({}, 'x'), '"info": expected a dictionary at byte 0'],
  ])('because its file %s', async (_, make, sentence) => {
    const file = make({})
    const { code, stdout, stderr } = await check('--torrent', file)
    expect(stderr).toBe(`trackerwatch: ${file}: ${sentence}\n`)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  it.each([
    [`magnet:?xt=urn:btih:${INFO_HASH}`, noTrackers],
    ['magnet:?xt=urn:btih:x', 'xt: "urn:btih:x", expected 40 hex digits or 32 base32 characters behind urn:btih:'],
  ])('because the link is %s', async (uri, sentence) => {
    const { code, stderr } = await check('--magnet', uri)
    expect(stderr).toBe(`trackerwatch: --magnet: ${sentence}\n`)
    expect(code).toBe(2)
  })
})
