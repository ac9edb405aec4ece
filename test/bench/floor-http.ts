/** The bare loop for HTTP: a connection and a request each, and the body is read. No product can be cheaper than this. */
import { request } from 'node:http'
import { connect } from 'node:net'
import type { FloorTask } from './floor.js'
import { measured } from './measure.js'
import { pooled } from './pooled.js'

process.once('message', async ({ targets, ...limits }: FloorTask) => {
  const cost = await measured(() => pooled(targets, limits, probe))
  process.send?.(cost, () => process.disconnect())
})

function probe(target: string, timeoutMs: number): Promise<boolean> {
  const { hostname, port, pathname } = new URL(target)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    const end = (ok: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(ok)
    }
    const timer = setTimeout(end, timeoutMs, false)
    const path = `${pathname}?info_hash=%01%02%03%04%05%06%07%08%09%0A%0B%0C%0D%0E%0F%10%11%12%13%14&peer_id=-BA0000-abcdefghijkl&port=50000&uploaded=0&downloaded=0&left=1000&compact=1&numwant=5&event=started`
    const headers = { Host: `${hostname}:${port}`, 'User-Agent': 'bare', Connection: 'close' }
    request({ createConnection: () => socket, path, headers })
      .on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => end(Buffer.concat(chunks).length > 0))
      })
      .on('error', () => end(false))
      .end()
  })
}
