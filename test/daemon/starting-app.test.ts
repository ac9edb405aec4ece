import { expect, it } from 'vitest'
import { startingApp, startingAppThat } from '../../src/daemon/starting-app.js'

it.each([
  ['/-/healthy', 200],
  ['/-/ready', 503],
  ['/', 503],
  ['/metrics', 503],
])('answers %s with %i while the store is being opened', async (path, status) => {
  const response = startingApp.fetch(new Request(`http://127.0.0.1${path}`))
  expect(response.status).toBe(status)
  expect(await response.text()).toMatch(/\n$/)
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
  expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
})

it('says what the start waits for', async () => {
  const { fetch } = startingAppThat('This monitor’s own clock shows 1970')
  expect(await fetch(new Request('http://127.0.0.1/')).text()).toBe('This monitor’s own clock shows 1970\n')
  expect((await fetch(new Request('http://127.0.0.1/-/healthy'))).status).toBe(200)
})
