import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toConfig } from '../../src/config/config.js'
import { settingsSchema } from '../../src/config/schema.js'
import { createChecker } from '../../src/daemon/plan.js'
import { openSubmissions, type SubmissionDesk } from '../../src/daemon/submissions.js'
import type { Receipt } from '../../src/http/submissions.js'
import { createIdentity } from '../../src/probe/identity.js'
import { trackerId } from '../../src/tracker/state.js'
import { type Logged, logTo } from '../monitor/support.js'
import { startDnsServer } from '../support/dns-server.js'
import { goodTracker, startUdpTracker, type UdpTracker } from '../support/udp-tracker.js'

const NOW = new Date('2026-11-22T10:00:00.000Z')

interface Setting {
  readonly submissions?: Readonly<Record<string, unknown>>
  readonly watched?: readonly string[]
  /** Whether checks may go to this machine, as none of the product's do. */
  readonly lenient?: boolean
  readonly folder?: string
}

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-submissions-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function living(): Promise<UdpTracker> {
  const tracker = await startUdpTracker(goodTracker)
  onTestFinished(tracker.stop)
  return tracker
}

/** A desk whose checks go over the wire, by names that all resolve to this machine. */
async function deskWith({ submissions = {}, watched = [], lenient = true, folder = freshFolder() }: Setting = {}) {
  const dns = await startDnsServer(({ type, name }) => {
    if (type === 'TXT') return { texts: name.startsWith('denied.') ? [['BITTORRENT DENY ALL']] : [] }
    return { addresses: type === 'A' ? ['127.0.0.1'] : [] }
  })
  onTestFinished(dns.stop)
  const config = toConfig(
    settingsSchema.parse({
      groups: [{ name: 'lenient' }],
      probe: { allow_private: true, family: 4, timeout: '2s', attempts: 1, dns: { servers: [dns.address] } },
      submissions: { mode: 'open', review: 'accept', file: join(folder, 'submissions.json'), ...submissions },
    }),
    [],
  )
  const checker = createChecker(config, createIdentity())
  onTestFinished(checker.close)
  const group = lenient ? 'lenient' : config.submissions.group.name
  const results: string[] = []
  const logged: Logged[] = []
  const desk = await openSubmissions({
    config: () => config.submissions,
    watched: () => new Set(watched),
    check: (tracker, signal) => checker.check({ tracker, group, aliveWhen: 'announce' }, signal),
    onResult: (result) => results.push(result),
    onCrash: (error) => {
      throw error
    },
    log: logTo(logged),
    now: () => NOW,
  })
  onTestFinished(desk.stop)
  return { desk, results, logged, folder, file: config.submissions.file }
}

const saidOf = ({ lines }: Receipt) => lines.map(({ state }) => (state.kind === 'refused' ? state.because : state.kind))

/** What became of the lines, once all is done. */
async function outcomeOf(desk: SubmissionDesk, text: string): Promise<readonly string[]> {
  const { id } = desk.submit(text, 'client')
  const said = (): readonly string[] => saidOf(desk.receipt(id) ?? { id, lines: [] })
  await expect.poll(said, { timeout: 20_000 }).not.toContain('waiting')
  return said()
}

describe('a submitted tracker', () => {
  it('is checked, and watched from then on where it answers', async () => {
    const { port } = await living()
    const { desk, results, file } = await deskWith()
    const told: number[] = []
    desk.follow(() => told.push(desk.accepted().length))
    const url = `udp://good.content-network.org:${port}/announce`
    expect(desk.submit(url, 'client').lines).toMatchObject([{ text: url, state: { kind: 'waiting' } }])
    await expect.poll(() => told, { timeout: 20_000 }).toEqual([1])
    expect(desk.accepted().map((tracker) => tracker.url)).toEqual([url])
    expect(results).toEqual(['accepted'])
    // Told once it is durable.
    expect(JSON.parse(readFileSync(file, 'utf8')).submissions).toMatchObject([{ url, state: 'accepted' }])
  })

  it('waits for the operator where the configuration says so, and is watched by his word', async () => {
    const { port } = await living()
    const { desk } = await deskWith({ submissions: { review: 'hold' } })
    const url = `udp://good.content-network.org:${port}/announce`
    expect(await outcomeOf(desk, url)).toEqual(['held'])
    expect(desk.accepted()).toEqual([])
    expect(desk.list()).toMatchObject([{ id: trackerId(url), url, state: 'held', submittedAt: NOW }])
    expect(await desk.decide(trackerId(url), 'accept')).toBe(true)
    expect(desk.accepted()).toHaveLength(1)
  })

  it('is watched no more, and not taken again, once the operator has rejected it', async () => {
    const { port } = await living()
    const { desk } = await deskWith()
    let told = 0
    desk.follow(() => {
      told += 1
    })
    const url = `udp://good.content-network.org:${port}/announce`
    await outcomeOf(desk, url)
    expect(await desk.decide(trackerId(url), 'reject')).toBe(true)
    expect([desk.accepted(), desk.list()]).toEqual([[], []])
    expect(told).toBe(2)
    expect(await outcomeOf(desk, url)).toEqual(['was submitted before, and the operator does not want it'])
    expect(await desk.decide(trackerId(url), 'accept')).toBe(false)
    expect(await desk.decide('000000000000', 'accept')).toBe(false)
  })

  it('survives a restart, whatever became of it', async () => {
    const [one, two, three] = await Promise.all([living(), living(), living()])
    const [good, held, bad] = [one, two, three].map(({ port }, i) => `udp://t${i}.content-network.org:${port}/announce`)
    const { desk, folder } = await deskWith({ submissions: { review: 'hold' } })
    await outcomeOf(desk, [good, held, bad].join('\n'))
    await desk.decide(trackerId(good ?? ''), 'accept')
    await desk.decide(trackerId(bad ?? ''), 'reject')
    await desk.stop()
    const again = await deskWith({ folder })
    expect(again.desk.accepted().map(({ url }) => url)).toEqual([good])
    expect(again.desk.list().map(({ url, state }) => [url, state])).toEqual([
      [good, 'accepted'],
      [held, 'held'],
    ])
    expect(saidOf(again.desk.submit(bad ?? '', 'c'))).toEqual([
      'was submitted before, and the operator does not want it',
    ])
  })

  it('is refused with the reason where it does not serve an announce', async () => {
    const silent = await startUdpTracker(() => [])
    onTestFinished(silent.stop)
    const { desk, results } = await deskWith()
    expect(await outcomeOf(desk, `udp://dead.content-network.org:${silent.port}/announce`)).toEqual([
      'does not serve an announce: No answer to the connect request',
    ])
    expect([desk.list(), results]).toEqual([[], ['refused']])
  })

  it('is refused, and gets no packet, where its owner does not want to be asked (BEP 34)', async () => {
    const tracker = await living()
    const { desk } = await deskWith()
    expect(await outcomeOf(desk, `udp://denied.content-network.org:${tracker.port}/announce`)).toEqual([
      'cannot be checked: The domain says that it runs no tracker (BEP 34)',
    ])
    expect(tracker.received).toEqual([])
  })

  it('is never contacted at a private address behind a public name, though the groups may go there', async () => {
    const tracker = await living()
    const { desk } = await deskWith({ lenient: false })
    expect(await outcomeOf(desk, `udp://rebound.content-network.org:${tracker.port}/announce`)).toEqual([
      'cannot be checked: Has a private address, which is not probed',
    ])
    expect(tracker.received).toEqual([])
  })

  it.each([
    ['nonsense', 'no scheme, expected one of udp://, http://, https://, ws://, wss:// in front'],
    ['ftp://t.example.org/announce', 'scheme "ftp", expected one of udp, http, https, ws, wss'],
    ['https://t.example.org/0123456789abcdef0123/announce', 'carries a password or passkey, which must not be shared'],
    ['https://t.example.org/announce?passkey=abc', 'carries a password or passkey, which must not be shared'],
    ['https://me:secret@t.example.org/announce', 'carries a password or passkey, which must not be shared'],
    ['udp://127.0.0.1:1', '127.0.0.1 is a loopback address'],
    ['udp://0x7f.1:1', '127.0.0.1 is a loopback address'],
    ['udp://[::1]:1', '::1 is a loopback address'],
    ['udp://[::ffff:10.0.0.1]:1', '::ffff:a00:1 is a private address'],
    ['udp://169.254.169.254:80', '169.254.169.254 is a linkLocal address'],
    ['udp://localhost:1', 'localhost names a host of the local network'],
    ['http://router.local/announce', 'router.local names a host of the local network'],
    ['http://something.onion/announce', '.onion is an overlay network, not reachable from here'],
    ['udp://watched.example.org:1', 'is watched already'],
  ])('%s is refused before anything is sent: %s', async (line, because) => {
    const { desk } = await deskWith({ watched: ['udp://watched.example.org:1'] })
    const { lines } = desk.submit(line, 'client')
    expect(lines.map(({ state }) => state)).toEqual([{ kind: 'refused', because, busy: false }])
    expect(JSON.stringify(lines)).not.toMatch(/0123456789abcdef|secret|passkey=abc/)
  })
})

describe('a submission', () => {
  it('is read leniently, and each line has its answer', async () => {
    const { port } = await living()
    const { desk } = await deskWith()
    const text = [
      '\ufeff# mine',
      `udp://GOOD.content-network.org:${port}/announce ; the good one`,
      '',
      `wrong, udp://good.content-network.org:${port}/announce`,
    ]
    expect(await outcomeOf(desk, text.join('\r\n'))).toEqual(['accepted', expect.stringMatching(/^no scheme/)])
  })

  it.each([
    ['<!doctype html><title>x</title>', 'an HTML or XML page, expected plain text with one announce URL per line'],
    ['udp://a.example.org:1\0', 'binary content (a NUL byte), expected UTF-8 text with one announce URL per line'],
  ])('that is no list (%j) is refused as a whole', async (text, because) => {
    const { desk } = await deskWith()
    expect(saidOf(desk.submit(text, 'client'))).toEqual([because])
  })

  it('is cut after a thousand lines', async () => {
    const { desk } = await deskWith()
    const { lines } = desk.submit(
      Array.from({ length: 1500 }, (_, i) => `udp://127.0.0.1:${i + 1}`).join('\n'),
      'client',
    )
    expect(lines).toHaveLength(1001)
    expect(lines.at(-1)).toEqual({
      text: '500 more',
      state: { kind: 'refused', because: 'expected at most 1000 at a time', busy: false },
    })
  })

  it('is checked only as far as its client may have checked in an hour, and others may go on', async () => {
    const { desk } = await deskWith({ submissions: { per_hour: 2 } })
    const list = (name: string) =>
      ['1', '2', '3'].map((i) => `udp://${name}${i}.content-network.org:9/announce`).join('\n')
    const busy = 'too many submissions, try again in an hour'
    expect(saidOf(desk.submit(list('a'), 'one'))).toEqual(['waiting', 'waiting', busy])
    expect(saidOf(desk.submit(list('b'), 'one'))).toEqual([busy, busy, busy])
    expect(saidOf(desk.submit(list('c'), 'two'))).toEqual(['waiting', 'waiting', busy])
  })

  it('of many clients is checked only as far as all may together', async () => {
    const { desk } = await deskWith({ submissions: { per_hour: 1 } })
    const said = Array.from({ length: 12 }, (_, i) =>
      saidOf(desk.submit(`udp://t${i}.content-network.org:9`, `client ${i}`)),
    )
    expect(said.flat().filter((line) => line === 'waiting')).toHaveLength(10)
  })

  it('finds no room once as many are accepted, held or under way as there may be', async () => {
    const { port } = await living()
    const { desk } = await deskWith({ submissions: { max: 2 } })
    expect(await outcomeOf(desk, `udp://good.content-network.org:${port}/announce`)).toEqual(['accepted'])
    expect(saidOf(desk.submit('udp://a.content-network.org:9\nudp://b.content-network.org:9', 'client'))).toEqual([
      'waiting',
      'there is no room for more submissions',
    ])
  })

  it('that is under way is told so when it comes again', async () => {
    const { desk } = await deskWith()
    const url = 'udp://a.content-network.org:9/announce'
    desk.submit(url, 'client')
    expect(saidOf(desk.submit(url, 'another'))).toEqual(['was submitted before and is being checked'])
  })

  it('that is under way when the monitor stops is not taken', async () => {
    const silent = await startUdpTracker(() => [])
    onTestFinished(silent.stop)
    const { desk, file } = await deskWith()
    const urls = Array.from({ length: 6 }, (_, i) => `udp://t${i}.content-network.org:${silent.port}/announce`)
    const { id } = desk.submit(urls.join('\n'), 'client')
    await desk.stop()
    expect(new Set(saidOf(desk.receipt(id) ?? { id, lines: [] }))).toEqual(
      new Set(['was not checked, since the monitor stopped']),
    )
    expect(existsSync(file)).toBe(false)
  })
})

describe('the file of submissions', () => {
  it.each([
    '{',
    '[]',
    '{"submissions":[{"url":"nonsense"}]}',
    '{"submissions":[{"url":"udp://a.example.org:1","state":"odd"}]}',
  ])('is put aside, and told, where it is damaged: %s', async (content) => {
    const folder = freshFolder()
    writeFileSync(join(folder, 'submissions.json'), content)
    const { desk, logged, file } = await deskWith({ folder })
    expect(desk.accepted()).toEqual([])
    expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(content)
    expect(logged.map(({ level }) => level)).toEqual(['error'])
  })
})
