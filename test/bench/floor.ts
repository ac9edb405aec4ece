/** The bare loop: connected sockets, connect and announce, nothing else. What no product can be cheaper than. */
import { createSocket } from 'node:dgram'
import { measured } from './measure.js'
import { pooled } from './pooled.js'

process.once('message', async ({ targets, ...limits }: FloorTask) => {
  const cost = await measured(() => pooled(targets, limits, probe))
  process.send?.(cost, () => process.disconnect())
})

export interface FloorTask {
  readonly targets: readonly string[]
  readonly concurrency: number
  readonly timeoutMs: number
}

function probe(target: string, timeoutMs: number): Promise<boolean> {
  const [host = '', port = ''] = target.split(':')
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', lookup: (name, _options, callback) => callback(null, name, 4) })
    const end = (ok: boolean): void => {
      clearTimeout(timer)
      socket.close()
      resolve(ok)
    }
    const timer = setTimeout(end, timeoutMs, false)
    socket.on('error', () => end(false))
    socket.on('message', (reply) => {
      if (reply.length !== 16) return end(reply.length === 20)
      const announce = Buffer.alloc(98)
      reply.copy(announce, 0, 8, 16)
      announce.writeUInt32BE(1, 8)
      announce.writeUInt32BE(2, 12)
      socket.send(announce)
    })
    socket.connect(Number(port), host, () => {
      const connect = Buffer.alloc(16)
      connect.writeBigUInt64BE(0x41727101980n, 0)
      connect.writeUInt32BE(1, 12)
      socket.send(connect)
    })
  })
}
