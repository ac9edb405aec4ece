import { EventEmitter, once } from 'node:events'
import { Agent, get, type IncomingMessage, request } from 'node:http'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type RunningServer, type ServerAddress, startServer } from '../../src/http/server.js'
import { entryOf } from '../export/entries.js'
import { appOver } from './support.js'

const app = appOver({ entries: [entryOf('udp://a.example:1')] })
const running: RunningServer[] = []

async function started(fetch = app.fetch, address: Partial<ServerAddress> = {}): Promise<RunningServer> {
  const server = await startServer({ fetch }, { host: '127.0.0.1', port: 0, ...address })
  running.push(server)
  return server
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

async function read(url: string, agent?: Agent): Promise<{ response: IncomingMessage; text: string }> {
  const [response]: IncomingMessage[] = await once(get(url, { ...(agent && { agent }) }), 'response')
  if (response === undefined) throw new Error('no response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return { response, text }
}

describe('startServer', () => {
  it('serves the app at the URL it returns', async () => {
    const server = await started()
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    const { response, text } = await read(`${server.url}/lists/alive.txt`)
    expect([response.statusCode, text]).toEqual([200, 'udp://a.example:1\n'])
    expect(response.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
  })

  it('writes an IPv6 address in brackets', async () => {
    const server = await started(app.fetch, { host: '::1' })
    expect(server.url).toBe(`http://[::1]:${server.port}`)
    expect((await read(`${server.url}/-/healthy`)).text).toBe('ok\n')
  })

  it('runs beside another one in the same process', async () => {
    const [one, two] = [await started(), await started()]
    expect(one.port).not.toBe(two.port)
    await one.stop()
    expect((await read(`${two.url}/-/healthy`)).text).toBe('ok\n')
  })

  it('says what to do when the port is taken', async () => {
    const { port } = await started()
    await expect(startServer(app, { host: '127.0.0.1', port })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: another program uses this port; stop it or choose another port with "listen"`,
    )
  })

  it('says what to do when the address is not one of this machine', async () => {
    await expect(startServer(app, { host: '192.0.2.1', port: 0 })).rejects.toThrow(
      'cannot listen on 192.0.2.1:0: this machine has no such address; use 127.0.0.1, 0.0.0.0 or one of its own with "listen"',
    )
  })

  it('accepts a reload from a program, and none from a page of another site', async () => {
    const server = await started()
    const post = async (headers: Record<string, string>) => {
      const call = request(`${server.url}/-/reload`, { method: 'POST', headers })
      const answered = once(call, 'response')
      call.end()
      const [response]: IncomingMessage[] = await answered
      response?.resume()
      return response?.statusCode
    }
    expect(await post({})).toBe(200)
    expect(await post({ Origin: server.url })).toBe(200)
    expect(await post({ Origin: 'http://evil.example' })).toBe(403)
  })
})

describe('stop', () => {
  it('closes idle keep-alive connections at once and takes no more', async () => {
    const server = await started()
    const agent = new Agent({ keepAlive: true })
    await read(`${server.url}/-/healthy`, agent)
    await server.stop()
    await expect(read(`${server.url}/-/healthy`)).rejects.toThrow('ECONNREFUSED')
    agent.destroy()
  })

  it('lets an answer under way end, then closes its connection', async () => {
    const events = new EventEmitter()
    const fetch = async () => {
      const answered = once(events, 'answer')
      events.emit('asked')
      await answered
      return new Response('late')
    }
    const server = await started(fetch, { stopGraceMs: 60_000 })
    const asked = once(events, 'asked')
    const agent = new Agent({ keepAlive: true })
    const reading = read(server.url, agent)
    await asked
    const stopping = server.stop()
    events.emit('answer')
    expect((await reading).text).toBe('late')
    await stopping
    agent.destroy()
  })

  it('cuts an answer that takes longer than the grace', async () => {
    const events = new EventEmitter()
    const fetch = () => {
      events.emit('asked')
      return new Promise<Response>(() => {})
    }
    const server = await started(fetch, { stopGraceMs: 1 })
    const asked = once(events, 'asked')
    const reading = expect(read(server.url)).rejects.toThrow('socket hang up')
    await asked
    await server.stop()
    await reading
  })

  it('may be called twice', async () => {
    const server = await started()
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
  })

  it('frees the port', async () => {
    const server = await started()
    await server.stop()
    const other = createServer().listen(server.port, '127.0.0.1')
    await once(other, 'listening')
    other.close()
  })
})
