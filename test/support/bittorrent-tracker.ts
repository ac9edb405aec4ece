import { once } from 'node:events'
import { Server } from 'bittorrent-tracker'

/** The server of the npm package `bittorrent-tracker` on loopback. Announce URLs by protocol and family. */
export interface BittorrentTracker {
  readonly udp4: string
  readonly udp6: string
  readonly http: string
  readonly http6: string
  readonly ws: string
  readonly ws6: string
  /** Resolves once a client has announced the torrent (40 hex digits) over the protocol, now or before. */
  readonly announced: (infoHash: string, type: 'udp' | 'http' | 'ws') => Promise<void>
  readonly stop: () => Promise<void>
}

/** One server listens on one address over TCP, so there are two. */
export async function startBittorrentTracker(): Promise<BittorrentTracker> {
  const [server, server6] = await Promise.all([startServer('127.0.0.1', true), startServer('::1', false)])
  const announced = listenForAnnounces([server, server6])
  const place = `127.0.0.1:${server.http.address().port}`
  const place6 = `[::1]:${server6.http.address().port}`
  return {
    udp4: `udp://127.0.0.1:${server.udp4.address().port}/announce`,
    udp6: `udp://[::1]:${server.udp6.address().port}/announce`,
    http: `http://${place}/announce`,
    http6: `http://${place6}/announce`,
    ws: `ws://${place}/`,
    ws6: `ws://${place6}/`,
    announced,
    stop: async () => {
      await Promise.all([server, server6].map(stop))
    },
  }
}

function listenForAnnounces(servers: readonly Server[]): BittorrentTracker['announced'] {
  const seen = new Set<string>()
  const waiting = new Set<() => void>()
  for (const server of servers) {
    for (const event of ['start', 'update']) {
      server.on(event, (_peer: string, { info_hash, type }: { info_hash: string; type: string }) => {
        seen.add(`${type} ${info_hash}`)
        for (const look of waiting) look()
      })
    }
  }
  return (infoHash, type) =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!seen.has(`${type} ${infoHash}`)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
}

async function startServer(http: string, udp: boolean): Promise<Server> {
  const server = new Server({ udp, http: true, ws: true, stats: false })
  // What we send on purpose may displease it.
  server.on('warning', () => {})
  server.listen(0, { http, udp: '127.0.0.1', udp6: '::1' })
  await once(server, 'listening')
  return server
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
