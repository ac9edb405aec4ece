import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { appOver } from './support.js'

const page = 'trackerwatch_up 1\n'.repeat(1000)
const contentType = 'text/plain; version=0.0.4; charset=utf-8'
const app = appOver(
  { entries: [] },
  { renderMetrics: async () => ({ contentType, body: new TextEncoder().encode(page) }) },
)

describe('the page for Prometheus', () => {
  it.each(['gzip', 'deflate, gzip;q=0.8', 'br, *'])(
    'is compressed for who understands it by "%s"',
    async (accepted) => {
      const response = await app.request('/metrics', { headers: { 'Accept-Encoding': accepted } })
      expect(response.headers.get('Content-Encoding')).toBe('gzip')
      expect(response.headers.get('Vary')).toContain('Accept-Encoding')
      expect(response.headers.get('Content-Type')).toBe(contentType)
      const body = Buffer.from(await response.arrayBuffer())
      expect(body.length).toBeLessThan(page.length / 10)
      expect(gunzipSync(body).toString()).toBe(page)
    },
  )

  it.each([null, 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0, br'])('is plain for "%s"', async (accepted) => {
    const response = await app.request('/metrics', {
      headers: accepted === null ? {} : { 'Accept-Encoding': accepted },
    })
    expect(response.headers.get('Content-Encoding')).toBeNull()
    expect(await response.text()).toBe(page)
  })
})
