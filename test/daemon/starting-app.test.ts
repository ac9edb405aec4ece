import { expect, it } from 'vitest'
import { startingApp } from '../../src/daemon/starting-app.js'

it.each([
  ['/-/healthy', 200],
  ['/-/ready', 503],
  ['/', 503],
  ['/metrics', 503],
])('answers %s with %i while the store is being opened', async (path, status) => {
  const response = startingApp.fetch(new Request(`http://127.0.0.1${path}`))
  expect(response.status).toBe(status)
  expect(await response.text()).toMatch(/\n$/)
})
