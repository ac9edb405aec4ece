import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { startBittorrentTracker } from '../support/bittorrent-tracker.js'
import { startOpentracker } from '../support/opentracker.js'
import { writeConfig } from './folder.js'
import { type Daemon, launchDaemon, trackerwatch } from './program.js'
import { sample, statusOf } from './samples.js'

const INFO_HASH = '0123456789abcdef0123456789abcdef01234567'

/** A tracker that others wrote, watched by a daemon. */
interface Watched {
  readonly url: string
  readonly status: 'up' | 'rejecting'
}

interface Scene {
  readonly daemon: Daemon
  readonly configFile: string
  readonly folder: string
  readonly trackers: Readonly<Record<string, Watched>>
}

/** Debian's opentracker serves listed torrents only, so the daemon's announces are refused: a private tracker. */
async function startTrackers() {
  const bittorrent = await startBittorrentTracker()
  const opentracker = isInstalled('opentracker') ? await startOpentracker([INFO_HASH]) : null
  const trackers: Record<string, Watched> = {
    'bittorrent-tracker over UDP': { url: bittorrent.udp4, status: 'up' },
    'bittorrent-tracker over HTTP': { url: bittorrent.http, status: 'up' },
    'bittorrent-tracker over WebSocket': { url: bittorrent.ws, status: 'up' },
  }
  if (opentracker !== null) {
    trackers['opentracker over UDP'] = { url: opentracker.udp, status: 'rejecting' }
    trackers['opentracker over HTTP'] = { url: opentracker.http, status: 'rejecting' }
  }
  return { trackers, stop: () => Promise.all([bittorrent.stop(), opentracker?.stop()]) }
}

describe('a daemon and real trackers', () => {
  const cleanUps: (() => unknown)[] = []
  let scene: Scene

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-e2e-'))
    cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
    const { trackers, stop } = await startTrackers()
    cleanUps.push(stop)
    const urlsOf = (status: Watched['status']): string[] =>
      Object.values(trackers).flatMap((tracker) => (tracker.status === status ? [tracker.url] : []))
    const groups = [
      { name: 'public', trackers: urlsOf('up') },
      { name: 'private', trackers: urlsOf('rejecting'), alive_when: 'response' as const },
    ]
    const configFile = writeConfig(folder, {
      groups: groups.filter((group) => group.trackers.length > 0),
      health: { down_after: 1 },
    })
    const { daemon, close } = await launchDaemon(configFile)
    cleanUps.push(close)
    for (const group of isInstalled('opentracker') ? ['public', 'private'] : ['public']) {
      await daemon.logged((line) => line.msg === 'round ended' && line.group === group)
    }
    scene = { daemon, configFile, folder, trackers }
  })

  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp()
  })

  const names = ['bittorrent-tracker over UDP', 'bittorrent-tracker over HTTP', 'bittorrent-tracker over WebSocket']
  const openNames = ['opentracker over UDP', 'opentracker over HTTP']
  const cases: readonly (readonly [title: string, name: string, runs: boolean])[] = [
    ...names.map((name) => [name, name, true] as const),
    ...openNames.map((name) => [titleFor(name, 'opentracker'), name, isInstalled('opentracker')] as const),
  ]

  describe.each(cases)('%s', (_title, name, runs) => {
    const tracker = (): Watched => {
      const found = scene.trackers[name]
      if (found === undefined) throw new Error(`no tracker ${name}`)
      return found
    }

    // Over WebSocket peers come with offers, and ours makes none.
    if (name.includes('WebSocket')) {
      it.runIf(runs)('answers a query and a scrape', async () => {
        const query = await trackerwatch([
          'query',
          tracker().url,
          INFO_HASH,
          '--event',
          'started',
          '--left',
          '1',
          '--json',
        ])
        expect(query).toMatchObject({ code: 0, stderr: '' })
        expect(JSON.parse(query.stdout)).toMatchObject({ interval: expect.any(Number), leechers: expect.any(Number) })
        const scraped = await trackerwatch(['scrape', tracker().url, INFO_HASH, '--json'])
        expect(scraped).toMatchObject({ code: 0, stderr: '' })
      })
    } else {
      it.runIf(runs)('gives the first peer to the second, and counts both', async () => {
        const { url } = tracker()
        const announce = (peer: string, port: string) =>
          trackerwatch([
            'query',
            url,
            INFO_HASH,
            '--peer-id',
            peer,
            '--port',
            port,
            '--event',
            'started',
            '--left',
            '1',
            '--json',
          ])
        expect(await announce('-TW0001-first', '7001')).toMatchObject({ code: 0, stderr: '' })
        const second = await announce('-TW0001-second', '7002')
        expect(second).toMatchObject({ code: 0, stderr: '' })
        expect(JSON.parse(second.stdout).peers).toContainEqual({ ip: '127.0.0.1', port: 7001 })

        const scraped = await trackerwatch(['scrape', url, INFO_HASH, '--json'])
        expect(scraped).toMatchObject({ code: 0, stderr: '' })
        expect(JSON.parse(scraped.stdout).torrents[INFO_HASH]).toMatchObject({ seeders: 0, leechers: 2 })
      })
    }

    it.runIf(runs)('is in the history of the daemon', async () => {
      const { url, status } = tracker()
      const { code, stdout } = await trackerwatch(['history', url, '--json', '--config', scene.configFile])
      expect(code).toBe(0)
      const history = JSON.parse(stdout)
      expect(history).toMatchObject({ url, status, uptime: { '24h': expect.any(Number) } })
      expect(history.changes).toMatchObject([{ from: 'pending', to: status }])
      expect(history.checks).toMatchObject([
        {
          decisive: true,
          family: 4,
          ...(status === 'up' ? { outcome: 'ok' } : { outcome: 'rejected', code: 'not_registered' }),
        },
      ])
    })

    it.runIf(runs)('is on the metrics page, alive', async () => {
      const { url, status } = tracker()
      const page = await scene.daemon.get('/metrics')
      expect(statusOf(page, url)).toBe(status)
      expect(sample(page, `trackerwatch_tracker_up{tracker="${url}"}`)).toBe(1)
      expect(sample(page, `trackerwatch_probes_total{tracker="${url}"}`)).toBe(1)
    })

    it.runIf(runs)('is on the page, and has a page of its own', async () => {
      const { url, status } = tracker()
      const page = await scene.daemon.get('/')
      const link = new RegExp(`<a href="(/tracker/[0-9a-f]{12})">${url}</a>`).exec(page)?.[1]
      expect(link).toBeDefined()
      const own = await scene.daemon.get(String(link))
      expect(own).toContain(`<h1>${url}</h1>`)
      expect(own).toContain(status === 'up' ? 'Answered' : 'Refuses: serves registered torrents only')
    })
  })

  const all = (): string[] => Object.values(scene.trackers).map(({ url }) => url)

  it('puts them on the lists that it serves', async () => {
    expect((await scene.daemon.get('/lists/alive.txt')).trim().split('\n').toSorted()).toEqual(all().toSorted())
    expect((await scene.daemon.get('/api/live')).split('\n\n').filter(Boolean).toSorted()).toEqual(all().toSorted())
    expect(JSON.parse(await scene.daemon.get('/lists/ws.json'))).toEqual(all().filter((url) => url.startsWith('ws:')))
  })

  it('exports the same list, and writes it to its list files', async () => {
    const exported = await trackerwatch(['export', 'alive', '--config', scene.configFile])
    expect(exported).toMatchObject({ code: 0, stderr: '', stdout: await scene.daemon.get('/lists/alive.txt') })
    expect(readFileSync(join(scene.folder, 'data/lists/alive.txt'), 'utf8')).toBe(exported.stdout)
  })

  it('leaves a database in which nothing is wrong', async () => {
    const verified = await trackerwatch(['db', 'verify', '--config', scene.configFile])
    expect(verified).toMatchObject({ code: 0, stderr: '' })
    expect(verified.stdout).toContain(`: ok, ${all().length} trackers, `)
  })
})
