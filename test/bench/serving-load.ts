/** Readers on keep-alive connections, each asking again as soon as it has its answer; tells the answers per second. */
import { connect, type Socket } from 'node:net'

export interface LoadTask {
  readonly port: number
  readonly path: string
  readonly connections: number
  readonly lengthMs: number
}

process.once('message', async ({ port, path, connections, lengthMs }: LoadTask) => {
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept-Encoding: gzip\r\n\r\n`)
  const untilMs = performance.now() + lengthMs
  const startedAt = performance.now()
  const readers = Array.from({ length: connections }, () => read(connect(port, '127.0.0.1'), request, untilMs))
  const counts = await Promise.all(readers)
  const seconds = (performance.now() - startedAt) / 1000
  process.send?.(counts.reduce((sum, count) => sum + count, 0) / seconds)
  process.disconnect?.()
})

/** Every answer has a length in its head. Anything but 200 ends the bench. */
function read(socket: Socket, request: Buffer, untilMs: number): Promise<number> {
  let answers = 0
  let missing = 0
  let head = ''
  return new Promise((resolve, reject) => {
    socket.setNoDelay(true)
    socket.once('error', reject)
    socket.once('connect', () => socket.write(request))
    socket.on('data', (chunk: Buffer) => {
      if (missing > 0) missing -= chunk.length
      else {
        head += chunk.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        if (end === -1) return
        if (!head.startsWith('HTTP/1.1 200')) return reject(new Error(`answered ${head.slice(0, end)}`))
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
        missing = end + 4 + length - head.length
        head = ''
      }
      if (missing > 0) return
      answers++
      if (performance.now() < untilMs) return socket.write(request)
      socket.destroy()
      resolve(answers)
    })
  })
}
