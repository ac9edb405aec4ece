import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { udp } from '../support/encode.js'
import { httpAnswer, startRawTcp } from '../support/http-tracker.js'
import { goodTracker, scripted, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { type Daemon, root, startDaemon } from './program.js'

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
const HOSTILE = '<script>document.title="owned"</script><img src=x onerror=alert(1)>'

describe.runIf(hasChromium)(`the pages in a browser${hasChromium ? '' : ' (skipped: no /usr/bin/chromium)'}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args })
  })
  afterAll(() => browser.close())

  /** A page that must be without any error in the end. */
  async function openPage(options: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext(options)
    const page = await context.newPage()
    const errors: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
    })
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('requestfailed', (request) => errors.push(`${request.url()} failed`))
    page.on('response', (response) => {
      if (response.status() >= 400) errors.push(`${response.url()}: status ${response.status()}`)
    })
    onTestFinished(async () => {
      await context.close()
      expect(errors).toEqual([])
    })
    return page
  }

  it('shows every tracker without JavaScript, and its own page behind a link', async () => {
    const { daemon, good } = await startWatching()
    const page = await openPage({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } })
    await page.goto(daemon.url)
    expect(await page.title()).toBe('1 of 4 trackers up · stable list 1 – trackerwatch')
    expect(await page.locator('tbody tr').count()).toBe(4)
    await screenshot(page, 'status')

    await page.getByRole('link', { name: good }).click()
    expect(await page.locator('h1').textContent()).toBe(good)
    expect(await page.getByRole('heading', { name: 'Last checks' }).count()).toBe(1)
    await screenshot(page, 'tracker')
    await page.getByRole('link', { name: 'Lists' }).click()
    expect(await page.locator('h1').textContent()).toBe('Lists')
    await screenshot(page, 'lists')
  })

  it('has colours of its own for a dark screen', async () => {
    const { daemon } = await startWatching()
    const brightness = async (colorScheme: 'light' | 'dark'): Promise<{ back: number; text: number }> => {
      const page = await openPage({ colorScheme })
      await page.goto(daemon.url)
      await screenshot(page, `status-${colorScheme}`)
      const style = (property: string) =>
        page
          .locator('body')
          .evaluate(
            (body, name) => body.ownerDocument.defaultView?.getComputedStyle(body).getPropertyValue(name),
            property,
          )
      return { back: brightnessOf(await style('background-color')), text: brightnessOf(await style('color')) }
    }
    const light = await brightness('light')
    const dark = await brightness('dark')
    expect(light.back - light.text).toBeGreaterThan(128)
    expect(dark.text - dark.back).toBeGreaterThan(128)
  })

  it('fits the width of a phone, every page of it', async () => {
    const { daemon, hostile } = await startWatching()
    const page = await openPage({ viewport: { width: 360, height: 740 }, isMobile: true })
    for (const [name, path] of Object.entries({
      status: '/',
      tracker: await pathOf(daemon, hostile),
      lists: '/lists/',
    })) {
      await page.goto(daemon.url + path)
      await screenshot(page, `${name}-phone`)
      const width = await page.locator('html').evaluate((html) => html.scrollWidth)
      expect({ name, width }).toEqual({ name, width: 360 })
    }
  })

  it('shows the text of a hostile tracker as text', async () => {
    const { daemon, hostile } = await startWatching()
    const page = await openPage({})
    page.on('dialog', (dialog) => {
      throw new Error(`a tracker opened a dialog: ${dialog.message()}`)
    })
    for (const path of ['/', await pathOf(daemon, hostile)]) {
      await page.goto(daemon.url + path)
      expect(await page.getByText(HOSTILE).count()).toBeGreaterThan(0)
      expect(await page.locator('script, main img').count()).toBe(0)
      expect(await page.title()).not.toBe('owned')
    }
  })
})

/** A daemon that has judged a good tracker, one with hostile texts, a web page and a closed port. */
async function startWatching(): Promise<{ daemon: Daemon; good: string; hostile: string }> {
  const hostileTracker = scripted({ announce: (transactionId) => [udp.errorReply(transactionId, HOSTILE)] })
  const [good, hostile, html] = await Promise.all([
    startUdpTracker(goodTracker),
    startUdpTracker(hostileTracker),
    startRawTcp(
      (socket) => void socket.end(httpAnswer(`<html><title>${HOSTILE}</title></html>`, ['Content-Type: text/html'])),
    ),
  ])
  for (const { stop } of [good, hostile, html]) onTestFinished(stop)
  const trackers = [good.url, hostile.url, html.url, 'udp://127.0.0.1:1/announce']
  const settings = { groups: [{ name: 'public', trackers }], health: { down_after: 1 } }
  const daemon = await startDaemon(writeConfig(freshFolder(), settings))
  await daemon.logged(({ msg }) => msg === 'round ended')
  return { daemon, good: good.url, hostile: hostile.url }
}

/** Where the tracker's own page is, by the link to it. */
async function pathOf(daemon: Daemon, url: string): Promise<string> {
  const path = new RegExp(`href="(/tracker/[0-9a-f]+)">${url}<`).exec(await daemon.get('/'))?.[1]
  if (path === undefined) throw new Error(`no link to ${url}`)
  return path
}

async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(root, 'test/e2e/screenshots', `${name}.png`), fullPage: true })
}

/** 0 to 255, of `rgb(1, 2, 3)`. */
function brightnessOf(colour: string | undefined): number {
  const parts = (colour ?? '').match(/\d+/g)?.slice(0, 3).map(Number) ?? []
  expect(parts).toHaveLength(3)
  return parts.reduce((sum, part) => sum + part / 3, 0)
}
