import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** `port` where nobody listens on it, over TCP or UDP, on 127.0.0.1; otherwise 0, for any free one. */
export async function freeOrAny(port: number): Promise<number> {
  return (await isFreeOverTcp(port)) && (await isFreeOverUdp(port)) ? port : 0
}

async function isFreeOverTcp(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  const isFree = await succeeds(once(server, 'listening'))
  if (isFree) await once(server.close(), 'close')
  return isFree
}

async function isFreeOverUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4').bind(port, '127.0.0.1')
  const isFree = await succeeds(once(socket, 'listening'))
  const closed = once(socket, 'close')
  socket.close()
  await closed
  return isFree
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  )
}
