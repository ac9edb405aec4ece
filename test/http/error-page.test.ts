import { describe, expect, it, onTestFinished } from 'vitest'
import type { AppDeps } from '../../src/http/deps.js'
import { startServer } from '../../src/http/server.js'
import { entryOf } from '../export/entries.js'
import { appOver } from './support.js'

const BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
const id = entryOf('udp://a.example:1').id

/** A server over a store of which nothing can be read, and what it logs. */
async function brokenSite() {
  const told: unknown[] = []
  const read: string[] = []
  const store = new Proxy({} as AppDeps['store'], {
    get: (_, name) => () => {
      read.push(String(name))
      return Promise.reject(new Error('disk I/O error at /srv/secret'))
    },
  })
  const log = { error: (fields: object, message: string) => told.push({ ...fields, message }) }
  const server = await startServer(appOver({ entries: [] }, { store, log }), { host: '127.0.0.1', port: 0 })
  onTestFinished(server.stop)
  const get = async (path: string, headers: Readonly<Record<string, string>>) => {
    const answer = await fetch(server.url + path, { headers })
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }
  return { get, told, read }
}

describe('while the store cannot be read', () => {
  it.each(['/', '/?q=x', `/tracker/${id}`, '/incidents', '/lists/'])(
    'a browser gets a page for %s, whether from the cache or past it',
    async (path) => {
      const { get, told, read } = await brokenSite()
      await get(path, {})
      const failing = [...read]
      for (const reader of [BROWSER, { ...BROWSER, Cookie: 'a=b' }]) {
        read.length = 0
        const { status, headers, text } = await get(path, reader)
        expect([status, headers.get('Content-Type')]).toEqual([500, 'text/html; charset=UTF-8'])
        expect(headers.get('Vary')?.split(', ').toSorted()).toEqual(['Accept', 'Accept-Encoding'])
        expect(headers.get('ETag')).toBeNull()
        expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'")
        expect(text).toMatch(
          /^<!doctype html><html lang="en">.*<h1>This page could not be made<\/h1>.*its log says which/s,
        )
        expect(text).toContain('<nav aria-label="Pages">')
        expect(text).not.toContain('disk')
        // What fails for a program too, and nothing for the page that says so.
        expect(read).toEqual(failing)
      }
      expect(told).toHaveLength(3)
      expect(told[0]).toMatchObject({ message: 'request failed', method: 'GET', path: path.replace(/\?.*/, '') })
    },
  )

  it('a browser that comes at the same time as a program gets its page, and the program its sentence', async () => {
    const { get } = await brokenSite()
    const [page, sentence] = await Promise.all([get('/', BROWSER), get('/', { Accept: '*/*' })])
    expect(page.text).toContain('<h1>')
    expect(sentence.text).toBe('trackerwatch could not answer this request; its log says why\n')
    expect(sentence.headers.get('Vary')?.split(', ').toSorted()).toEqual(['Accept', 'Accept-Encoding'])
  })

  it.each([
    ['/', { Accept: 'application/json' }],
    ['/', { Accept: 'text/html;q=0, */*' }],
    ['/lists/all.txt', BROWSER],
    ['/api/live', BROWSER],
    ['/feed.atom', BROWSER],
  ])('%s is answered with a sentence where it is for programs: %o', async (path, reader) => {
    const { get, told } = await brokenSite()
    const { status, headers, text } = await get(path, reader)
    expect([status, headers.get('Content-Type')]).toEqual([500, 'text/plain; charset=utf-8'])
    expect(text).toBe('trackerwatch could not answer this request; its log says why\n')
    expect(told).toHaveLength(1)
  })

  it('the API answers with a problem, a browser too', async () => {
    const { get, told } = await brokenSite()
    const { status, headers } = await get('/api/v1/summary', BROWSER)
    expect([status, headers.get('Content-Type')]).toEqual([500, 'application/problem+json'])
    expect(told).toHaveLength(1)
  })
})
