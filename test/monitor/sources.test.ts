import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createListSources, type ListSources } from '../../src/monitor/sources.js'

type Answer = string | { readonly status: number } | 'silence'

let folder: string
const cleanUps: (() => unknown)[] = []
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'trackerwatch-'))
})
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
  rmSync(folder, { recursive: true })
})

/** A web server whose answers, by path, can be changed; counts the requests. */
async function startWeb(answers: Record<string, Answer>) {
  const requests: string[] = []
  const listener: RequestListener = ({ url = '' }, response) => {
    requests.push(url)
    const answer = answers[url] ?? { status: 404 }
    if (answer === 'silence') return
    if (typeof answer === 'string') response.end(answer)
    else response.writeHead(answer.status).end()
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return { origin: `http://127.0.0.1:${address.port}`, answers, requests, server }
}

/** Collects what is logged. */
function memoryLog() {
  const lines: { level: string; message: string; fields: object }[] = []
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, message, fields })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const hour = 3_600_000
const at = (hours: number) => new Date(Date.UTC(2026, 0, 1, hours))
const hosts = (sources: ListSources, group: string) => sources.trackers(group).map(({ host }) => host)

function open(groups: Record<string, readonly string[]>, more: { timeoutMs?: number; directory?: string } = {}) {
  const log = memoryLog()
  const sources = createListSources({
    groups: Object.entries(groups).map(([name, urls]) => ({
      name,
      sources: urls.map((url) => ({ url, refreshMs: hour })),
    })),
    directory: path.join(folder, 'copies'),
    log,
    ...more,
  })
  cleanUps.push(() => sources.stop())
  return { sources, log }
}

describe('createListSources', () => {
  it('fetches what is due and says whether anything changed', async () => {
    const web = await startWeb({ '/a': 'udp://a.example:1\nudp://b.example:1\n' })
    const { sources } = open({ public: [`${web.origin}/a`] })
    expect(hosts(sources, 'public')).toEqual([])
    expect(await sources.refreshDue(at(0))).toBe(true)
    expect(hosts(sources, 'public')).toEqual(['a.example', 'b.example'])
    expect(await sources.refreshDue(new Date(at(1).getTime() - 1))).toBe(false)
    expect(web.requests).toHaveLength(1)
    expect(await sources.refreshDue(at(1))).toBe(false)
    expect(web.requests).toHaveLength(2)
    web.answers['/a'] = 'udp://b.example:1\n'
    expect(await sources.refreshDue(at(2))).toBe(true)
    expect(hosts(sources, 'public')).toEqual(['b.example'])
  })

  it('fetches a list that several groups name once, and gives each group its own lists in their order', async () => {
    const web = await startWeb({
      '/a': 'udp://a.example:1\nudp://c.example:1',
      '/b': 'udp://b.example:1\nudp://a.example:1',
    })
    const [a, b] = [`${web.origin}/a`, `${web.origin}/b`]
    const { sources } = open({ one: [a, b], two: [b], none: [] })
    await sources.refreshDue(at(0))
    expect(web.requests.toSorted()).toEqual(['/a', '/b'])
    expect(hosts(sources, 'one')).toEqual(['a.example', 'c.example', 'b.example'])
    expect(hosts(sources, 'two')).toEqual(['b.example', 'a.example'])
    expect(hosts(sources, 'none')).toEqual([])
    expect(hosts(sources, 'unheard of')).toEqual([])
  })

  it.each<[string, Answer, RegExp]>([
    ['an error', { status: 500 }, /answered with status 500, expected 200/],
    ['nothing', '', /no announce URL in it, but 0 other entries$/],
    ['a page', '<!doctype html><title>sorry</title>', /an HTML or XML page/],
    ['text', 'the list has moved', /no announce URL in it, but 1 other entries$/],
    ['silence', 'silence', /no complete answer within 0\.2 s$/],
  ])('keeps the last good copy when the web answers with %s', async (_, answer, reason) => {
    const web = await startWeb({ '/a': 'udp://a.example:1\n' })
    const { sources, log } = open({ public: [`${web.origin}/a`] }, { timeoutMs: 200 })
    await sources.refreshDue(at(0))
    web.answers['/a'] = answer
    expect(await sources.refreshDue(at(1))).toBe(false)
    expect(hosts(sources, 'public')).toEqual(['a.example'])
    expect(sources.status()).toEqual([
      { url: `${web.origin}/a`, trackers: 1, lastSuccessAt: at(0), lastError: expect.stringMatching(reason) },
    ])
    expect(log.lines.at(-1)).toMatchObject({ level: 'warn', message: 'list not refreshed, the last good copy stays' })
  })

  it('refreshes the others when one fails', async () => {
    const web = await startWeb({ '/b': 'udp://b.example:1\n' })
    const { sources } = open({ public: [`${web.origin}/a`, `${web.origin}/b`] })
    expect(await sources.refreshDue(at(0))).toBe(true)
    expect(hosts(sources, 'public')).toEqual(['b.example'])
  })

  it('joins a refresh that is under way', async () => {
    const web = await startWeb({ '/a': 'udp://a.example:1\n' })
    const { sources } = open({ public: [`${web.origin}/a`] })
    expect(await Promise.all([sources.refreshDue(at(0)), sources.refreshDue(at(0))])).toEqual([true, true])
    expect(web.requests).toHaveLength(1)
  })
})

describe('copies on disk', () => {
  it('survive a restart with the moment of their fetch', async () => {
    const web = await startWeb({ '/a': 'udp://a.example:1\nhttp://b.example/0123456789abcdef/announce\n' })
    const first = open({ public: [`${web.origin}/a`] }).sources
    await first.refreshDue(at(0))
    await first.stop()
    web.answers['/a'] = { status: 500 }
    const { sources } = open({ public: [`${web.origin}/a`] })
    await sources.load()
    expect(hosts(sources, 'public')).toEqual(['a.example', 'b.example'])
    expect(sources.trackers('public')[1]?.path).toBe('/0123456789abcdef/announce')
    expect(sources.status()).toMatchObject([{ trackers: 2, lastSuccessAt: at(0), lastError: null }])
    await sources.refreshDue(new Date(at(1).getTime() - 1))
    expect(web.requests).toHaveLength(1)
    await sources.refreshDue(at(1))
    expect(web.requests).toHaveLength(2)
    expect(hosts(sources, 'public')).toEqual(['a.example', 'b.example'])
  })

  it('are lists that a person can read, for the owner only, and no half ones stay behind', async () => {
    const web = await startWeb({ '/a': 'udp://a.example:1\n' })
    const url = `${web.origin}/a`
    await open({ public: [`${url}?token=abcdef`] }).sources.refreshDue(at(0))
    web.answers['/a?token=abcdef'] = 'udp://a.example:1\n'
    await open({ public: [`${url}?token=abcdef`] }).sources.refreshDue(at(0))
    const names = readdirSync(path.join(folder, 'copies'))
    expect(names).toEqual([expect.stringMatching(/^[0-9a-f]{16}\.txt$/)])
    const file = path.join(folder, 'copies', names[0] ?? '')
    expect(readFileSync(file, 'utf8')).toBe(
      `# from ${url}?token=***\n# fetched at 2026-01-01T00:00:00.000Z\nudp://a.example:1\n`,
    )
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['binary content', Buffer.from([0, 1, 2]), 'copy of a list cannot be read'],
    ['no moment', Buffer.from('udp://a.example:1\n'), 'copy of a list is damaged, the list will be fetched'],
    [
      'no tracker',
      Buffer.from('# fetched at 2026-01-01T00:00:00.000Z\n'),
      'copy of a list is damaged, the list will be fetched',
    ],
  ])('with %s are fetched again', async (_, content, message) => {
    const web = await startWeb({ '/a': 'udp://b.example:1\n' })
    await open({ public: [`${web.origin}/a`] }).sources.refreshDue(at(0))
    const copies = path.join(folder, 'copies')
    writeFileSync(path.join(copies, readdirSync(copies)[0] ?? ''), content)
    const { sources, log } = open({ public: [`${web.origin}/a`] })
    await sources.load()
    expect(hosts(sources, 'public')).toEqual([])
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'warn', message }))
    await sources.refreshDue(at(0))
    expect(hosts(sources, 'public')).toEqual(['b.example'])
  })

  it('that cannot be written are an error in the log, and the list is used all the same', async () => {
    const web = await startWeb({ '/a': 'udp://a.example:1\n' })
    const file = path.join(folder, 'file')
    writeFileSync(file, '')
    const { sources, log } = open({ public: [`${web.origin}/a`] }, { directory: file })
    expect(await sources.refreshDue(at(0))).toBe(true)
    expect(hosts(sources, 'public')).toEqual(['a.example'])
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'copy of a list not written, a restart will not have it' }),
    )
  })
})

describe('stop', () => {
  it('ends a fetch under way, changes nothing, and can be called again', async () => {
    const web = await startWeb({ '/a': 'silence' })
    const { sources } = open({ public: [`${web.origin}/a`] })
    const asked = new Promise((resolve) => web.server.once('request', resolve))
    const refreshing = sources.refreshDue(at(0))
    await asked
    await sources.stop()
    expect(await refreshing).toBe(false)
    await sources.stop()
    expect(await sources.refreshDue(at(1))).toBe(false)
    expect(web.requests).toHaveLength(1)
    expect(sources.status()).toMatchObject([{ lastError: null }])
  })
})
