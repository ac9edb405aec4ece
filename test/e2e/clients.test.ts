import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { type BittorrentTracker, startBittorrentTracker } from '../support/bittorrent-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { type Daemon, startDaemon } from './program.js'
import { writeTorrent } from './torrent.js'
import { startTransmission, transmissionVersion } from './transmission.js'

const version = transmissionVersion()

/** Clients announce when they please: within seconds, on a machine that has other things to do. */
const TIME_MS = 90_000

describe('an exported list', () => {
  // It announces to one tracker at a time, the first that answers, so each protocol has a turn of its own.
  it.runIf(isInstalled('aria2c') && isInstalled('curl')).each(['udp', 'http'] as const)(
    titleFor(titleFor('has aria2 announce over %s, by the command that the lists page gives', 'aria2c'), 'curl'),
    async (scheme) => {
      const { daemon, tracker, folder } = await startWatching()
      const torrent = join(folder, 'nothing.torrent')
      const { infoHash } = writeTorrent(torrent)
      const command = commandFor('aria2', await daemon.get(`/lists/?list=alive&scheme=${scheme}&scheme=ws`))
      expect(command).toContain(`curl -fsS '${daemon.url}/lists/alive.aria2?scheme=${scheme}'`)
      const flags = [
        ['--no-conf', '--dir', folder, '--interface=127.0.0.1', '--bt-stop-timeout=80', '--quiet'],
        ['--enable-dht6=false', '--bt-enable-lpd=false', '--enable-peer-exchange=false'],
        // Without DHT it has no socket for UDP trackers either; it knows no node, and its address reaches only this host.
        [`--enable-dht=${scheme === 'udp'}`, `--dht-file-path=${join(folder, 'dht.dat')}`],
      ].flat()
      const line = command.replace('aria2c', `exec aria2c ${flags.join(' ')}`).replace('file.torrent', torrent)
      const aria2 = spawn('sh', ['-c', line], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
      const ended = once(aria2, 'close')
      onTestFinished(async () => {
        aria2.kill('SIGKILL')
        await ended
      })
      const early = ended.then(() => Promise.reject(new Error('aria2 ended before it had announced')))
      await Promise.race([tracker.announced(infoHash, scheme), early])
    },
    TIME_MS,
  )

  it.runIf(version > 0)(
    titleFor('is taken by Transmission, which announces to the trackers on it', 'transmission-daemon'),
    async () => {
      const { daemon, tracker, folder } = await startWatching()
      const torrent = join(folder, 'nothing.torrent')
      const { infoHash } = writeTorrent(torrent)
      const page = await daemon.get('/lists/?list=alive')
      const path = new RegExp(`${daemon.url}(/lists/[^']+)`).exec(commandFor('transmission', page))?.[1] ?? ''
      const list = await daemon.get(path)
      expect(list.trim().split('\n').toSorted()).toEqual([tracker.http, tracker.udp4])

      const transmission = await startTransmission(folder)
      if (version >= 4) await transmission.call('session-set', { 'default-trackers': list })
      const metainfo = readFileSync(torrent).toString('base64')
      await transmission.call('torrent-add', { metainfo, paused: true })
      // Before version 4 there were no default trackers: they are added to the torrent.
      if (version < 4) await transmission.call('torrent-set', { ids: [infoHash], trackerAdd: list.trim().split('\n') })
      await transmission.call('torrent-start-now', { ids: [infoHash] })
      await Promise.all([tracker.announced(infoHash, 'udp'), tracker.announced(infoHash, 'http')])
    },
    TIME_MS,
  )
})

/** A daemon that has found a tracker alive over UDP, HTTP and WebSocket. */
async function startWatching(): Promise<{ daemon: Daemon; tracker: BittorrentTracker; folder: string }> {
  const tracker = await startBittorrentTracker()
  onTestFinished(tracker.stop)
  const folder = freshFolder()
  const trackers = [tracker.udp4, tracker.http, tracker.ws]
  const daemon = await startDaemon(writeConfig(folder, { groups: [{ name: 'public', trackers }] }))
  await daemon.logged(({ msg }) => msg === 'round ended')
  return { daemon, tracker, folder }
}

/** What the lists page tells to type. */
function commandFor(client: 'aria2' | 'transmission', page: string): string {
  const text = new RegExp(`<pre id="${client}">([^]*?)</pre>`).exec(page)?.[1] ?? ''
  return text.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&')
}
