import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { appOver } from './support.js'

const folder = fileURLToPath(new URL('../../docs/runbooks', import.meta.url))
const app = appOver({ entries: [] })

describe('the runbooks', () => {
  it('are served as they are, as text that a browser shows', async () => {
    const response = await app.request('/docs/runbooks/TrackerwatchAbsent')
    expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'text/plain; charset=utf-8'])
    expect(await response.text()).toBe(readFileSync(`${folder}/TrackerwatchAbsent.md`, 'utf8'))
  })

  it('are listed in the order of the alphabet', async () => {
    const names = readdirSync(folder).map((file) => `/docs/runbooks/${file.replace('.md', '')}\n`)
    expect(await (await app.request('/docs/runbooks')).text()).toBe(names.toSorted().join(''))
  })

  it.each(['TrackerwatchNothing', 'TrackerwatchAbsent.md', '..%2Fprometheus', '%2e%2e'])(
    'do not lead to anything else: %s',
    async (name) => {
      const response = await app.request(`/docs/runbooks/${name}`)
      expect([response.status, await response.text()]).toEqual([404, 'nothing is served at this address\n'])
    },
  )
})
