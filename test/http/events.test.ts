import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { createEventHub, type EventHub } from '../../src/daemon/events.js'
import { type EventRouteOptions, eventRoutes, type LiveEvent } from '../../src/http/events.js'
import { type RunningServer, startServer } from '../../src/http/server.js'
import { NOW } from '../export/entries.js'
import { appOver } from './support.js'

const running: { server: RunningServer; hub: EventHub }[] = []

afterEach(async () => {
  for (const { server, hub } of running.splice(0)) {
    hub.close()
    await server.stop()
  }
})

async function served(options?: EventRouteOptions) {
  const hub = createEventHub({ epoch: 'run' })
  const app = options === undefined ? appOver({ entries: [] }, { events: hub }) : eventRoutes(hub, options)
  const server = await startServer(app, { host: '127.0.0.1', port: 0, stopGraceMs: 60_000 })
  running.push({ server, hub })
  return { hub, server, url: `${server.url}/events` }
}

async function open(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const [response]: IncomingMessage[] = await once(
    get(url, { headers: { 'Accept-Encoding': 'gzip', ...headers } }),
    'response',
  )
  if (response === undefined) throw new Error('no response')
  return response.setEncoding('utf8')
}

/** Reads until the text is there, or the stream is over. */
async function readUntil(response: IncomingMessage, wanted: string): Promise<string> {
  let text = ''
  while (!text.includes(wanted)) {
    const chunk: string | null = response.read()
    if (chunk !== null) text += chunk
    else if (response.readableEnded) return text
    else await Promise.race([once(response, 'readable'), once(response, 'end')])
  }
  return text
}

const down = (message: string): LiveEvent => ({
  event: 'status',
  data: {
    id: '0123456789ab',
    url: 'udp://t.example:1',
    from: 'up',
    to: 'down',
    at: NOW,
    reason: 'timeout',
    code: 'udp.timeout',
    message,
  },
})

describe('/events', () => {
  it('sends each event as it happens, neither compressed nor kept', async () => {
    const { hub, url } = await served()
    const response = await open(url)
    expect(response.statusCode).toBe(200)
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    })
    expect(response.headers['content-encoding']).toBeUndefined()
    expect(await readUntil(response, 'id: run-0\n\n')).toBe('retry: 3000\n\nid: run-0\n\n')
    hub.publish(down('no answer'))
    const text = await readUntil(response, '}\n\n')
    expect(text).toMatch(
      /^id: run-1\nevent: status\ndata: \{"id":"0123456789ab",.*"at":"2026-11-22T10:00:00.000Z".*\}\n\n$/,
    )
    response.destroy()
  })

  it('keeps a hostile text inside its line of data', async () => {
    const { hub, url } = await served()
    const response = await open(url)
    const message = 'a\n\nevent: round\rdata: {}\u2028\u0000</script>'
    hub.publish(down(message))
    const text = await readUntil(response, 'run-1')
    const all = text.includes('}\n\n') ? text : text + (await readUntil(response, '}\n\n'))
    const lines = all
      .slice(all.indexOf('id: run-1'))
      .split(/\r\n|\r|\n/)
      .filter((line) => line !== '')
    expect(lines.map((line) => line.slice(0, line.indexOf(':')))).toEqual(['id', 'event', 'data'])
    expect(JSON.parse(lines[2]?.slice(6) ?? '')).toMatchObject({ message })
    response.destroy()
  })

  it.each([
    ['the header', '', { 'Last-Event-ID': 'run-1' }],
    ['the query of a page', '?last_event_id=run-1', {}],
  ])('repeats what a reader missed who names by %s what it saw', async (_, query, headers) => {
    const { hub, url } = await served()
    for (const message of ['one', 'two', 'three']) hub.publish(down(message))
    const response = await open(url + query, headers)
    const text = await readUntil(response, 'id: run-3\n\n')
    expect(text.match(/^id: .*$/gm)).toEqual(['id: run-2', 'id: run-3', 'id: run-3'])
    expect(text).not.toContain('reset')
    response.destroy()
  })

  it('tells a reader of an earlier run to begin anew', async () => {
    const { hub, url } = await served()
    hub.publish(down('one'))
    const response = await open(url, { 'Last-Event-ID': 'older-7' })
    expect(await readUntil(response, '{}\n\n')).toBe('retry: 3000\n\nid: run-1\nevent: reset\ndata: {}\n\n')
    response.destroy()
  })

  it('shows that it is still there while nothing happens', async () => {
    const { url } = await served({ heartbeatMs: 1 })
    const response = await open(url)
    expect(await readUntil(response, ': still here\n\n')).toContain('retry')
    response.destroy()
  })

  it('ends at once when the server stops, and the stop does not wait', async () => {
    const { hub, server, url } = await served()
    const response = await open(url)
    await readUntil(response, 'run-0')
    const ended = once(response.resume(), 'end')
    hub.close()
    await Promise.all([server.stop(), ended]) // the grace is a minute
  })

  it('refuses further readers where there are too many, and lets them in once others have left', async () => {
    const { hub, url } = await served({ maxConnections: 1 })
    const first = await open(url)
    await readUntil(first, 'run-0')
    const refused = await open(url)
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '30'])
    refused.resume()
    first.destroy()
    const statusOfAnother = async (): Promise<number | undefined> => {
      const another = await open(url)
      another.destroy()
      return another.statusCode
    }
    await expect.poll(statusOfAnother).toBe(200)
    hub.publish(down('nobody listens'))
  })

  it('opens no stream for a HEAD', async () => {
    const { hub } = await served()
    let listeners = 0
    const listen: EventHub['listen'] = (listener) => {
      listeners += 1
      return hub.listen(listener)
    }
    const app = appOver({ entries: [] }, { events: { ...hub, listen } })
    const response = await app.request('/events', { method: 'HEAD' })
    expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    expect([response.body, listeners]).toEqual([null, 0])
  })

  it('drops a reader who does not read, and everything of it', async () => {
    const hub = createEventHub()
    let listeners = 0
    const listen: EventHub['listen'] = (listener) => {
      const leave = hub.listen(listener)
      listeners += 1
      return () => {
        listeners -= 1
        leave()
      }
    }
    const app = new Hono().route('/', eventRoutes({ ...hub, listen }, { maxQueuedBytes: 10_000 }))
    const server = await startServer(app, { host: '127.0.0.1', port: 0 })
    running.push({ server, hub })
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    const closed = once(socket, 'close')
    socket.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    socket.pause()
    await expect
      .poll(() => {
        for (let count = 0; count < 200; count += 1) hub.publish(down('x'.repeat(10_000)))
        return listeners
      })
      .toBe(0)
    socket.resume()
    await closed
  })
})
