import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { contractFamilies } from '../deploy/contract-families.js'
import { startLiveFleet } from '../deploy/live-fleet.js'
import { parseExposition } from '../metrics/parse-exposition.js'
import { freshFolder } from './folder.js'
import { root } from './program.js'

const patience = { timeout: 60_000, interval: 200 }

/** What the table of README.md names. */
function documentedFamilies(): readonly string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const section = /^## Metrics\n(.*?)^## /ms.exec(readme)?.[1] ?? ''
  return [...section.matchAll(/^\| `(trackerwatch_\w+)`/gm)].map(([, name = '']) => name)
}

it('the metrics page of a running daemon has all that is documented, and nothing else', {
  timeout: 90_000,
}, async () => {
  const documented = documentedFamilies()
  expect(contractFamilies.filter((name) => !documented.includes(name))).toEqual([])

  const { daemon, stop } = await startLiveFleet(freshFolder(), false)
  onTestFinished(stop)
  await daemon.logged(({ msg }) => msg === 'round ended')
  // The first backup, and the list files, come a little later.
  const families = await vi.waitFor(async () => {
    const page = parseExposition(await daemon.get('/metrics'))
    const missing = documented.filter((name) => (page.get(name)?.samples.length ?? 0) === 0)
    expect(missing).toEqual([])
    return page
  }, patience)

  const own = [...families.values()].filter(({ name }) => !/^(?:process|nodejs)_/.test(name))
  expect(own.map(({ name }) => name).filter((name) => !documented.includes(name))).toEqual([])
  // Each has its HELP, else it does not parse.
  const odd = own.filter(({ type, help }) => !/^(?:counter|gauge|histogram)$/.test(type) || help.length < 5)
  expect(odd).toEqual([])
})
