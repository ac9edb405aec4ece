import { EventEmitter, once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { rowFiles, textOfRows } from '../../../src/export/row-text.js'
import { createSlots, streamOf } from '../../../src/http/api/v1/export-stream.js'
import { startServer } from '../../../src/http/server.js'
import { openStore } from '../../../src/store/open.js'
import type { Store } from '../../../src/store/store.js'
import type { TransferRow } from '../../../src/store/transfer.js'
import { at, HOUR, MINUTE } from '../../store/support.js'
import { appOver } from '../support.js'
import { apiOver, filledStore, HOSTILE, idOf, LATER, MASKED_URL, PASSKEY, privateId } from './support.js'

const check: TransferRow = {
  type: 'check',
  url: 'udp://a.example:6969/announce',
  checkedAt: at(0),
  family: 4,
  outcome: 'ok',
  reason: null,
  code: null,
  message: 'x'.repeat(1000),
  flags: [],
  latencyMs: 1,
  attempts: 1,
  packetsSent: 2,
  packetsLost: 0,
  decisive: true,
}

/** As a server takes it. */
function served(api: ReturnType<typeof apiOver>['api']) {
  return { fetch: (asked: Request) => api.fetch(asked) }
}

/** A store of which only an export without end is asked. */
function endless() {
  const state = { given: 0, ended: false }
  const rows = async function* (): AsyncGenerator<TransferRow> {
    try {
      for (;;) {
        state.given += 1
        yield check
      }
    } finally {
      state.ended = true
    }
  }
  return { state, rows }
}

describe('an export', () => {
  let store: Store

  beforeAll(async () => {
    store = await filledStore()
  })

  afterAll(() => store.close())

  async function textAt(path: string): Promise<string> {
    const answer = await apiOver(store).api.request(`/api/v1/export/${path}`)
    expect(answer.status).toBe(200)
    return answer.text()
  }

  it.each(rowFiles.map(({ name }) => name))('has the rows of "db export" with secrets masked: %s', async (name) => {
    const file = rowFiles.find((known) => known.name === name)
    if (file === undefined) throw new Error(name)
    const rows = store.export(file.kind, { from: new Date(0), to: LATER })
    let expected = ''
    for await (const text of textOfRows(rows, file.textOf(file.kind))) expected += text
    const text = await textAt(`${name}?to=${LATER.toISOString()}`)
    expect(text).toBe(expected.replaceAll(PASSKEY, '***'))
    expect(text.split('\n').length).toBeGreaterThan(5)
    expect(text).not.toContain(PASSKEY)
    if (file.kind !== 'checks') expect(text).toContain(MASKED_URL)
  })

  it('keeps a row of hostile text in its line', async () => {
    const rows = (await textAt(`checks.ndjson?tracker=${privateId}`))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.some(({ message }) => message === `${HOSTILE} ${MASKED_URL}`)).toBe(true)
  })

  it('has the window and the trackers that are asked for', async () => {
    const query = `from=${at(HOUR).toISOString()}&to=${at(2 * HOUR).toISOString()}`
    const rows = async (more: string) =>
      (await textAt(`checks.ndjson?${query}${more}`))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    const all = await rows('')
    expect(new Set(all.map(({ url }) => url)).size).toBe(4)
    expect(
      all.every(({ checkedAt }) => checkedAt >= at(HOUR).toISOString() && checkedAt < at(2 * HOUR).toISOString()),
    ).toBe(true)
    const some = await rows(`&tracker=${idOf('a')},${privateId}`)
    expect(new Set(some.map(({ url }) => url))).toEqual(new Set(['udp://a.example:6969/announce', MASKED_URL]))
  })

  it.each(['hours.ndjson', 'days.ndjson'])(
    'tells none that has not ended, however late an end is asked for: %s',
    async (name) => {
      const { api } = apiOver(store, { now: () => at(49 * HOUR + 30 * MINUTE) })
      const textOf = async (query: string) => (await api.request(`/api/v1/export/${name}${query}`)).text()
      const text = await textOf('')
      expect(text.split('\n').length).toBeGreaterThan(5)
      expect(await textOf('?to=9999-12-31')).toBe(text)
    },
  )

  it('has checks from a clock that stood ahead, where their time is asked for', async () => {
    const { api } = apiOver(store, { now: () => at(HOUR) })
    const linesOf = async (query: string) =>
      (await (await api.request(`/api/v1/export/checks.ndjson${query}`)).text()).split('\n').length
    expect(await linesOf('?to=9999-12-31')).toBeGreaterThan(20 * (await linesOf('')))
  })

  it('is a file to be saved, neither compressed nor kept, without an ETag', async () => {
    const app = appOver({ entries: [] }, { store })
    const answer = await app.request('/api/v1/export/checks.csv', { headers: { 'Accept-Encoding': 'gzip' } })
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="trackerwatch-checks.csv"',
      'cache-control': 'no-store, no-transform',
    })
    expect(answer.headers.get('Content-Encoding')).toBeNull()
    expect(answer.headers.get('ETag')).toBeNull()
    expect(await answer.text()).toMatch(/^type,url,checkedAt,/)
  })

  it('is for HEAD nothing but its headers, and takes no place', async () => {
    const { api } = apiOver(store)
    for (let asked = 0; asked < 5; asked++) {
      const head = await api.request('/api/v1/export/checks.csv', { method: 'HEAD' })
      expect([head.status, head.headers.get('Content-Type')]).toEqual([200, 'text/csv; charset=utf-8; header=present'])
    }
  })
})

describe('an export without end', () => {
  let store: Store

  beforeAll(async () => {
    store = await openStore('sqlite::memory:')
  })

  afterAll(() => store.close())

  function apiWith({ rows }: Pick<ReturnType<typeof endless>, 'rows'>, deps: Parameters<typeof apiOver>[1] = {}) {
    return apiOver({ ...store, export: rows }, deps).api
  }

  it('is read only as fast as its reader takes it', async () => {
    const source = endless()
    const answer = await apiWith(source).request('/api/v1/export/checks.ndjson')
    const reader = answer.body?.getReader()
    const first = source.state.given
    expect(first).toBeLessThan(100)
    await reader?.read()
    await reader?.read()
    const second = source.state.given
    expect(second - first).toBeLessThan(100)
    await new Promise(setImmediate)
    expect(source.state.given).toBe(second)
    await reader?.cancel()
    expect(source.state.ended).toBe(true)
  })

  it('has two at once, and says to a third when to come back', async () => {
    const api = apiWith(endless())
    const [one, two] = [await api.request('/api/v1/export/checks.csv'), await api.request('/api/v1/export/days.ndjson')]
    expect([one.status, two.status]).toEqual([200, 200])
    const third = await api.request('/api/v1/export/checks.csv')
    expect(third.status).toBe(503)
    expect(third.headers.get('Retry-After')).toBe('10')
    expect(await third.json()).toMatchObject({ type: '/api/v1/#busy', status: 503 })
    await one.body?.cancel()
    const fourth = await api.request('/api/v1/export/checks.csv')
    expect(fourth.status).toBe(200)
    await two.body?.cancel()
    await fourth.body?.cancel()
  })

  it('ends with a client that goes away', async () => {
    const source = endless()
    const server = await startServer(served(apiWith(source)), { host: '127.0.0.1', port: 0 })
    try {
      const sent = request(`${server.url}/api/v1/export/checks.ndjson`).end()
      const [answer] = await once(sent, 'response')
      await once(answer, 'data')
      expect(source.state.ended).toBe(false)
      sent.destroy()
      await vi.waitFor(() => expect(source.state.ended).toBe(true), { timeout: 20_000 })
    } finally {
      await server.stop()
    }
  })

  it('stops with a client that is gone before the first piece, and gives its place back', async () => {
    const { state, rows } = endless()
    let client = new AbortController()
    const left = async function* (): AsyncGenerator<TransferRow> {
      for await (const row of rows()) {
        if (state.given % 3 === 0) client.abort()
        yield row
      }
    }
    const api = apiWith({ rows: left })
    for (let asked = 1; asked <= 4; asked++) {
      state.ended = false
      client = new AbortController()
      await api.request('/api/v1/export/checks.ndjson', { signal: client.signal })
      expect(state).toEqual({ given: 3 * asked, ended: true })
    }
  })

  it('notices at the server that its client is gone before the first piece', async () => {
    const client = new EventEmitter()
    const { state, rows } = endless()
    const waiting = async function* (): AsyncGenerator<TransferRow> {
      for await (const row of rows()) {
        if (state.given === 2) {
          client.emit('asked')
          await once(client, 'gone')
        }
        yield row
      }
    }
    const { fetch } = served(apiWith({ rows: waiting }))
    const noticing = (asked: Request) => {
      asked.signal.addEventListener('abort', () => client.emit('gone'))
      return fetch(asked)
    }
    const server = await startServer({ fetch: noticing }, { host: '127.0.0.1', port: 0 })
    try {
      const asked = once(client, 'asked')
      const sent = request(`${server.url}/api/v1/export/checks.ndjson`)
        .on('error', () => {})
        .end()
      await asked
      sent.destroy()
      await vi.waitFor(() => expect(state).toEqual({ given: 2, ended: true }), { timeout: 5000 })
    } finally {
      await server.stop()
    }
  })

  it('is a 500 where it fails at once, and gives its place back', async () => {
    const broken = async function* (): AsyncGenerator<TransferRow> {
      yield await Promise.reject(new Error('inner details'))
    }
    const api = apiWith({ rows: broken })
    for (let asked = 0; asked < 4; asked++) {
      const answer = await api.request('/api/v1/export/checks.ndjson')
      expect(answer.status).toBe(500)
      expect(await answer.text()).not.toContain('inner')
    }
  })

  it('breaks off where it fails later, and tells nobody but the log why', async () => {
    const errors: unknown[] = []
    const breaking = async function* (): AsyncGenerator<TransferRow> {
      for (let row = 0; row < 500; row++) yield check
      throw new Error('inner details')
    }
    const log = { error: ({ err }: { err?: unknown }) => errors.push(err) }
    const server = await startServer(served(apiWith({ rows: breaking }, { log })), { host: '127.0.0.1', port: 0 })
    const silenced = vi.spyOn(console, 'error').mockImplementation(() => {})
    try {
      const sent = request(`${server.url}/api/v1/export/checks.ndjson`).end()
      const [answer] = await once(sent, 'response')
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      await new Promise<void>((resolve) => answer.once('close', resolve).once('error', () => resolve()))
      expect(answer.complete).toBe(false)
      expect(text).not.toContain('inner')
      expect(errors).toEqual([new Error('inner details')])
    } finally {
      silenced.mockRestore()
      await server.stop()
    }
  })
})

describe('a stream of texts', () => {
  it('is given up once its reader stands still for too long', async () => {
    vi.useFakeTimers()
    try {
      const onEnd = vi.fn()
      let ended = false
      const texts = async function* () {
        try {
          for (;;) yield 'text'
        } finally {
          ended = true
        }
      }
      const reader = streamOf(texts(), { onEnd, onError: () => {}, stallMs: 1000 }).getReader()
      await reader.read()
      await vi.advanceTimersByTimeAsync(999)
      await reader.read()
      expect(onEnd).not.toHaveBeenCalled()
      await vi.advanceTimersByTimeAsync(1000)
      expect(onEnd).toHaveBeenCalled()
      expect(ended).toBe(true)
      await expect(reader.read()).rejects.toThrow('stood still for 1000 ms')
    } finally {
      vi.useRealTimers()
    }
  })

  it('that fails says to its reader only that it broke off', async () => {
    const texts = async function* () {
      yield 'text'
      throw new Error('inner details')
    }
    const [onEnd, onError] = [vi.fn(), vi.fn()]
    const reader = streamOf(texts(), { onEnd, onError, stallMs: 60_000 }).getReader()
    await reader.read()
    await expect(reader.read()).rejects.toThrow(/^the export broke off$/)
    expect(onEnd).toHaveBeenCalled()
    expect(onError).toHaveBeenCalledWith(new Error('inner details'))
  })

  it('whose reader goes away while a piece is made has not failed', async () => {
    const making: (() => void)[] = []
    const texts = async function* () {
      await new Promise<void>((resolve) => making.push(resolve))
      yield 'text'
    }
    const [onEnd, onError] = [vi.fn(), vi.fn()]
    const reader = streamOf(texts(), { onEnd, onError, stallMs: 60_000 }).getReader()
    const piece = reader.read()
    await expect.poll(() => making).toHaveLength(1)
    const gone = reader.cancel()
    making[0]?.()
    await Promise.all([piece, gone])
    expect(onEnd).toHaveBeenCalled()
    expect(onError).not.toHaveBeenCalled()
  })

  it('takes no more places than there are, and a place back once only', () => {
    const slots = createSlots(1)
    const back = slots.take()
    expect(slots.take()).toBeNull()
    back?.()
    back?.()
    expect(slots.take()).not.toBeNull()
    expect(slots.take()).toBeNull()
  })
})
