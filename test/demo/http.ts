/// <reference path="../support/bittorrent-tracker-package.d.ts" />
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from 'bittorrent-tracker'
import { bencodeText } from '../support/encode.js'
import { freeOrAny } from './ports.js'

/** What listens on a port of 127.0.0.1. */
export interface Listening {
  readonly port: number
  readonly stop: () => Promise<void>
}

/** The server of the npm package `bittorrent-tracker`: HTTP and WebSocket on one port. */
export async function startReferenceServer(port: number): Promise<Listening> {
  const server = new Server({ udp: false, http: true, ws: true, stats: false })
  // A request that it does not like is the sender's business.
  server.on('warning', () => {})
  server.listen(await freeOrAny(port), { http: '127.0.0.1', udp: '127.0.0.1', udp6: '::1' })
  await once(server, 'listening')
  return {
    port: server.http.address().port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** A web server that gives every request the same answer, with status 200. */
export async function startHttpServer(port: number, contentType: string, body: string | Buffer): Promise<Listening> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': contentType }).end(body)
  })
  server.listen(await freeOrAny(port), '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the HTTP server has no port')
  return {
    port: address.port,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

export const refusal = (text: string): Buffer => bencodeText({ 'failure reason': text })

export const goodAnswer = bencodeText({ complete: 1, incomplete: 0, interval: 1800, peers: '' })

export const webPage = '<!doctype html><title>Welcome</title><h1>This domain is for sale</h1>\n'
