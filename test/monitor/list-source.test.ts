import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { ListSourceError, readList } from '../../src/monitor/list-source.js'

const list = 'udp://a.example:1/announce\nudp://b.example:2/announce\n'
const bomb = gzipSync(Buffer.alloc(50_000_000, list))
const cleanUps: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'trackerwatch-'))
  cleanUps.push(() => rmSync(folder, { recursive: true }))
  return folder
}

function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return address.port
}

/** Origin of a server that answers with `listener`; `gone` resolves when its first connection has ended. */
async function serve(listener: RequestListener): Promise<{ origin: string; gone: Promise<void> }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const gone = new Promise<void>((resolve) => {
    server.on('connection', (socket) => socket.on('close', () => resolve()))
  })
  cleanUps.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return { origin: `http://127.0.0.1:${portOf(server)}`, gone }
}

/** Reading fails with one sentence that begins with the name of the source. */
async function failureOf(source: string, options: Parameters<typeof readList>[1] = {}): Promise<string> {
  const failure = await readList(source, options).then(
    (text) => new Error(`read ${text.length} characters`),
    (error: unknown) => error,
  )
  if (!(failure instanceof ListSourceError)) throw failure
  const name = source === '-' ? 'standard input' : source
  expect(failure.message.startsWith(`${name}: `)).toBe(true)
  return failure.message.slice(name.length + 2)
}

describe('readList from a file', () => {
  it('reads it', async () => {
    const file = path.join(temporaryFolder(), 'list.txt')
    writeFileSync(file, list)
    expect(await readList(file)).toBe(list)
  })

  it('takes exactly the limit and refuses one byte more', async () => {
    const file = path.join(temporaryFolder(), 'list.txt')
    writeFileSync(file, list)
    expect(await readList(file, { maxBytes: list.length })).toBe(list)
    expect(await failureOf(file, { maxBytes: list.length - 1 })).toBe(
      `more than ${list.length - 1} bytes, expected a list of announce URLs`,
    )
  })

  it.skipIf(process.platform === 'win32')('reads a pipe (skipped on Windows, which has no FIFO)', async () => {
    const pipe = path.join(temporaryFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    const [text] = await Promise.all([readList(pipe), writeFile(pipe, list)])
    expect(text).toBe(list)
  })

  it.skipIf(process.platform === 'win32')('stops waiting for a pipe when aborted (skipped on Windows)', async () => {
    const pipe = path.join(temporaryFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    const controller = new AbortController()
    const reading = readList(pipe, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })

  it.skipIf(process.platform === 'win32')(
    'stops at the limit in a device without end (skipped on Windows)',
    async () => {
      expect(await failureOf('/dev/zero', { maxBytes: 100_000 })).toMatch(/^more than 100000 bytes/)
    },
  )

  it('names what it is where it is no file', async () => {
    const folder = temporaryFolder()
    expect(await failureOf(folder)).toBe('is a directory, expected a file')
    expect(await failureOf(path.join(folder, 'nothing'))).toBe('no such file, expected a file, "-" or an http(s) URL')
  })

  it('refuses binary content and pages', async () => {
    const file = path.join(temporaryFolder(), 'list.txt')
    writeFileSync(file, Buffer.from([0x1f, 0x8b, 0x08, 0x00]))
    expect(await failureOf(file)).toMatch(/^binary content \(a NUL byte\), expected UTF-8 text/)
    writeFileSync(file, '<html></html>')
    expect(await failureOf(file)).toMatch(/^an HTML or XML page, expected plain text/)
  })
})

describe('readList from standard input', () => {
  it('reads it to the end, characters split between chunks included', async () => {
    const bytes = Buffer.from('udp://münchen.example:1\n')
    const stdin = Readable.from([bytes.subarray(0, 8), bytes.subarray(8)])
    expect(await readList('-', { stdin })).toBe(bytes.toString())
  })

  it('stops at the limit when there is no end', async () => {
    let made = 0
    const stdin = new Readable({
      read() {
        made += 1
        this.push(list)
      },
    })
    expect(await failureOf('-', { stdin, maxBytes: 10_000 })).toMatch(/^more than 10000 bytes/)
    expect(stdin.destroyed).toBe(true)
    expect(made).toBeLessThan(2_000)
  })
})

describe('readList from the web', () => {
  it('reads an answer', async () => {
    const { origin, gone } = await serve((_, response) => response.end(list))
    expect(await readList(`${origin}/all.txt`)).toBe(list)
    await gone
  })

  it('inflates gzip', async () => {
    const { origin } = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(list))
    })
    expect(await readList(origin)).toBe(list)
  })

  it('follows redirects, relative ones too', async () => {
    const { origin } = await serve((request, response) => {
      if (request.url === '/all.txt') response.end(list)
      else
        response
          .writeHead(request.url === '/' ? 301 : 307, { location: request.url === '/' ? '/b/c' : '../all.txt' })
          .end()
    })
    expect(await readList(`${origin}/`)).toBe(list)
  })

  it('sends user and password of the URL, and shows neither', async () => {
    const { origin } = await serve((request, response) => {
      const expected = `Basic ${Buffer.from('me:hunter2').toString('base64')}`
      response.writeHead(request.headers.authorization === expected ? 404 : 401).end()
    })
    const failure = readList(`${origin.replace('//', '//me:hunter2@')}/all.txt`)
    await expect(failure).rejects.toThrow(`${origin.replace('//', '//***@')}/all.txt: answered with status 404`)
  })

  it.each([
    ['an error status', 404, {}, list, 'answered with status 404, expected 200: check the address'],
    ['an empty success', 204, {}, '', 'answered with status 204, expected 200: check the address'],
    ['a redirect without an address', 302, {}, list, 'answered with status 302, expected 200: check the address'],
    [
      'a redirect elsewhere',
      302,
      { location: 'file:///etc/passwd' },
      '',
      'redirects to "file:///etc/passwd", expected an http(s) URL',
    ],
    ['an unreadable redirect', 302, { location: 'http://[' }, '', 'redirects to "http://[", expected an http(s) URL'],
    [
      'redirects without end',
      302,
      { location: '/' },
      '',
      /^more than 5 redirects, the last to http:\/\/127\.0\.0\.1:\d+\/$/,
    ],
    ['an unknown encoding', 200, { 'content-encoding': 'br' }, list, 'content encoding "br", expected none or gzip'],
    ['what is no gzip but says so', 200, { 'content-encoding': 'gzip' }, list, 'incorrect header check'],
    ['a page', 200, { 'content-type': 'text/html' }, '\n<!DOCTYPE html>', /^an HTML or XML page/],
  ] as const)('refuses %s', async (_, status, headers, body, expected) => {
    const { origin, gone } = await serve((_request, response) => response.writeHead(status, headers).end(body))
    const message = await failureOf(`${origin}/list`)
    if (typeof expected === 'string') expect(message).toBe(expected)
    else expect(message).toMatch(expected)
    await gone
  })

  it('stops at the limit of an endless answer and closes the connection', async () => {
    const { origin, gone } = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(list.repeat(100)));
      }
      response.on('drain', more)
      more()
    })
    expect(await failureOf(`${origin}/list`, { maxBytes: 200_000 })).toMatch(/^more than 200000 bytes/)
    await gone
  })

  it.each([
    ['an error status', 404, {}, list],
    ['a redirect elsewhere', 302, { location: 'file:///etc/passwd' }, list],
    ['redirects in a circle', 302, { location: '/' }, list],
    ['an unknown encoding', 200, { 'content-encoding': 'br' }, list],
    ['a small gzip body that inflates without end', 200, { 'content-encoding': 'gzip' }, bomb],
  ] as const)('closes the connection of an answer that does not end: %s', async (_, status, headers, body) => {
    const { origin, gone } = await serve((_request, response) => response.writeHead(status, headers).write(body))
    await failureOf(`${origin}/list`, { maxBytes: 200_000 })
    await gone
  })

  it('refuses an answer that ends too soon', async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 1_000 })
      response.write(list, () => response.destroy())
    })
    expect(await failureOf(`${origin}/list`)).toBe('the connection ended within the answer')
  })

  it('refuses a gzip body whose connection ends too soon', async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.write(gzipSync(list).subarray(0, -12), () => response.destroy())
    })
    expect(await failureOf(`${origin}/list`)).toBe('the connection ended within the answer')
  })

  it('refuses a gzip body that ends too soon', async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(list).subarray(0, -12))
    })
    expect(await failureOf(`${origin}/list`)).toBe('unexpected end of file')
  })

  it.each([
    ['no answer', () => undefined],
    ['an answer that drips for ever', (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\n\r\n')],
    ['headers that drip for ever', (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx: ')],
  ])('gives up on %s at the deadline and closes the connection', async (_, answer) => {
    let gone: Promise<void> | undefined
    const server = createTcpServer((socket) => {
      gone = new Promise((resolve) => socket.on('close', () => resolve()))
      socket.on('error', () => undefined)
      socket.resume() // a socket that is not read never notices its end
      answer(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanUps.push(() => new Promise((resolve) => server.close(resolve)))
    const message = await failureOf(`http://127.0.0.1:${portOf(server)}/list`, { timeoutMs: 200 })
    expect(message).toBe('no complete answer within 0.2 s')
    await gone
  })

  it('rejects with the reason of an aborted signal, and does not call it a fault of the list', async () => {
    const controller = new AbortController()
    const { origin, gone } = await serve((_, response) => {
      response.write(list)
      controller.abort(new Error('shutting down'))
    })
    await expect(readList(`${origin}/list`, { signal: controller.signal })).rejects.toThrow(/^shutting down$/)
    await gone
  })

  it('says that a host is not known or a port closed', async () => {
    const { origin } = await serve((_, response) => response.end())
    await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()))
    expect(await failureOf(`${origin}/list`)).toMatch(/^connect ECONNREFUSED 127\.0\.0\.1:\d+$/)
  })
})

function drip(socket: Socket, head: string): void {
  socket.write(head)
  const timer = setInterval(() => socket.write('x'), 20)
  socket.on('close', () => clearInterval(timer))
}
