import { once } from 'node:events'
import { Server } from 'bittorrent-tracker'

/** The server of the npm package `bittorrent-tracker` on loopback. Announce URLs by protocol. */
export interface BittorrentTracker {
  readonly udp4: string
  readonly udp6: string
  readonly http: string
  readonly ws: string
  readonly stop: () => Promise<void>
}

export async function startBittorrentTracker(): Promise<BittorrentTracker> {
  const server = new Server({ udp: true, http: true, ws: true, stats: false })
  // What we send on purpose may displease it.
  server.on('warning', () => {})
  server.listen(0, { http: '127.0.0.1', udp: '127.0.0.1', udp6: '::1' })
  await once(server, 'listening')
  const port = server.http.address().port
  return {
    udp4: `udp://127.0.0.1:${server.udp4.address().port}/announce`,
    udp6: `udp://[::1]:${server.udp6.address().port}/announce`,
    http: `http://127.0.0.1:${port}/announce`,
    ws: `ws://127.0.0.1:${port}/`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
