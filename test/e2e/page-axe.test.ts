import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DESKTOP, describeInBrowser, PHONE } from './browser.js'
import { type Site, startSite } from './site.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const screens = {
  'a light desktop': { viewport: DESKTOP, colorScheme: 'light' },
  'a dark desktop': { viewport: DESKTOP, colorScheme: 'dark' },
  'a light phone': { ...PHONE, colorScheme: 'light' },
  'a dark phone': { ...PHONE, colorScheme: 'dark' },
} as const

interface Violation {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

describeInBrowser('axe', (openPage) => {
  let site: Site
  beforeAll(async () => {
    site = await startSite()
  }, 60_000)
  afterAll(() => site.stop())

  const cases = Object.entries(screens)
  it.each(cases)('finds no fault with any page on %s', { timeout: 240_000 }, async (_, options) => {
    const found: Record<string, readonly string[]> = {}
    const page = await openPage(site.daemon.url, options)
    for (const [name, path] of Object.entries(site.pages)) {
      await page.goto(site.daemon.url + path)
      // What is folded is to be read too, and what is not drawn before it is scrolled to.
      await page.evaluate(`for (const details of document.querySelectorAll('details')) details.open = true
        document.querySelectorAll('tr').forEach((row) => { row.style.contentVisibility = 'visible' })`)
      const { violations, passes } = await page.evaluate<{ violations: Violation[]; passes: unknown[] }>(
        `${axe}\naxe.run(document, { resultTypes: ['violations'] })`,
      )
      expect(passes.length).toBeGreaterThan(15)
      found[name] = violations.map(
        ({ id, help, nodes }) => `${id}: ${help}\n${nodes[0]?.html}\n${nodes[0]?.failureSummary}`,
      )
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(site.pages).map((name) => [name, []])))
  })
})
