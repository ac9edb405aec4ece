import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest'
import { root } from './program.js'

const executablePath = '/usr/bin/chromium'
const hasChromium = existsSync(executablePath)
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** On a machine that is busy with other things. */
export const PATIENT = { timeout: 20_000 }
const SLOWEST_TEST_MS = 90_000

export const DESKTOP = { width: 1280, height: 900 }
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const

/** Opens a page that must be without fault when the test is over: see `watchFaults`. */
export type OpenPage = (url: string, options?: BrowserContextOptions) => Promise<Page>

/** Tests that share one browser; skipped, and so named, where there is none. */
export function describeInBrowser(title: string, body: (openPage: OpenPage) => void): void {
  const skipped = hasChromium ? '' : ` (skipped: no ${executablePath})`
  describe.runIf(hasChromium)(`${title}${skipped}`, { timeout: SLOWEST_TEST_MS }, () => {
    let browser: Browser
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args })
    })
    afterAll(() => browser.close())
    body(async (url, options = {}) => {
      const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', timezoneId: 'UTC', ...options })
      const page = await context.newPage()
      page.setDefaultTimeout(PATIENT.timeout)
      const faults = watchFaults(page, new URL(url).origin)
      onTestFinished(async () => {
        await context.close()
        expect(faults).toEqual([])
      })
      await page.goto(url)
      return page
    })
  })
}

/** Anything on the console, a failed request, a dialog that somebody's text has opened, a request to another site. */
function watchFaults(page: Page, origin: string): readonly string[] {
  const faults: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) faults.push(`${request.url()} is of another site`)
  })
  page.on('requestfailed', (request) => {
    // What is left behind on the way to the next page, as a stream always is.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') faults.push(`${request.url()} failed`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.url()}: status ${response.status()}`)
  })
  page.on('dialog', (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return faults
}

/** No script came in by the door of a text: each has an address of ours, and none has done anything. */
export async function expectHarmless(page: Page): Promise<void> {
  const scripts = await page.locator('script').evaluateAll((all) => all.map((one) => one.getAttribute('src')))
  expect(scripts.filter((src) => !/^\/assets\/[0-9a-f]{10}\/[a-z-]+\.js$/.test(src ?? ''))).toEqual([])
  expect(await page.locator('[onerror], [onload], main img:not([src^="/badge/"])').count()).toBe(0)
  expect(await page.title()).not.toBe('owned')
}

export async function screenshot(page: Page, name: string): Promise<void> {
  // All of it at once: rows that are not in view are not drawn.
  const height = await page.locator('html').evaluate((html) => html.scrollHeight)
  await page.setViewportSize({ width: page.viewportSize()?.width ?? DESKTOP.width, height })
  await page.screenshot({ path: join(root, 'test/e2e/screenshots', `${name}.png`), fullPage: true })
}
