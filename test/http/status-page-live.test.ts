import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { LiveEvents, NumberedEvent } from '../../src/http/events.js'
import { createResponseCache } from '../../src/http/response-cache.js'
import { startServer } from '../../src/http/server.js'
import type { Entry } from '../../src/tracker/state.js'
import { ago, entryOf, NOW, probe, timeout } from '../export/entries.js'
import { answeredAt, failedAt } from './checks.js'
import { appOver } from './support.js'

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
const PATIENT = { timeout: 10_000 }

/** No two at one address, or they would be related. */
const at = (address: string) => [{ ...probe(4), address }]
const one = entryOf('udp://one.example:1/announce', { latencyMs: 50, probes: at('192.0.2.1') })
const two = entryOf('http://two.example/announce', { latencyMs: 10, probes: at('192.0.2.2') })
const three = entryOf('udp://three.example:1', {
  status: 'down',
  outcome: timeout,
  latencyMs: null,
  probes: at('192.0.2.3'),
})
const oneDown: Entry = { ...three, tracker: one.tracker, id: one.id }

describe.runIf(hasChromium)(
  `the status page in a browser${hasChromium ? '' : ' (skipped: no /usr/bin/chromium)'}`,
  { timeout: 60_000 },
  () => {
    let browser: Browser
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args })
    })
    afterAll(() => browser.close())

    async function openPage(url: string, options: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext({ timezoneId: 'UTC', locale: 'en-GB', ...options })
      const page = await context.newPage()
      const errors: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
      })
      page.on('pageerror', (error) => errors.push(error.message))
      onTestFinished(async () => {
        await context.close()
        expect(errors).toEqual([])
      })
      await page.goto(url)
      return page
    }

    it('filters while the reader types, keeps the address, and goes back', async () => {
      const { url } = await startSite()
      const page = await openPage(url)
      await hosts(page, ['one', 'two', 'three'])
      expect(await page.getByRole('button', { name: 'Show' }).count()).toBe(0)
      await page.getByLabel('Search').fill('TWO.')
      await hosts(page, ['two'])
      expect(new URL(page.url()).search).toBe('?q=TWO.')
      await page.getByLabel('Search').fill('nowhere')
      await page.getByRole('link', { name: 'Show all' }).click()
      await hosts(page, ['one', 'two', 'three'])
      expect(await page.getByLabel('Search').inputValue()).toBe('')
      await page.locator('#count-down').click()
      await hosts(page, ['three'])
      expect(await page.locator('select[name=status]').inputValue()).toBe('down')
      await page.goBack()
      await hosts(page, ['one', 'two', 'three'])
      expect(await page.locator('select[name=status]').inputValue()).toBe('')
      await page.getByLabel('Scheme').selectOption('udp')
      await hosts(page, ['one', 'three'])
    })

    it('sorts by a header and leaves the focus on it', async () => {
      const { url } = await startSite()
      const page = await openPage(url)
      await page.locator('#by-latency').focus()
      await page.keyboard.press('Enter')
      await hosts(page, ['two', 'one', 'three'])
      await page.keyboard.press('Enter')
      await hosts(page, ['one', 'two', 'three'])
      expect(new URL(page.url()).search).toBe('?sort=latency&order=desc')
      expect(await page.locator('th[aria-sort=descending]').innerText()).toContain('Latency')
    })

    it('does all that by a plain form and links where there is no JavaScript', async () => {
      const { url } = await startSite()
      const page = await openPage(url, { javaScriptEnabled: false })
      expect(await page.locator('#live').isVisible()).toBe(false)
      await page.getByLabel('Scheme').selectOption('udp')
      await page.getByLabel('Search').fill('example')
      await page.getByRole('button', { name: 'Show' }).click()
      await hosts(page, ['one', 'three'])
      await page.locator('#count-up').click()
      await hosts(page, ['one'])
    })

    it('shows a change at once, row by row, and keeps the reader’s place', async () => {
      const { url, change, tell } = await startSite()
      const page = await openPage(url)
      await page.locator('#live[data-state=live]').waitFor()
      const row = page.locator(`#t-${one.id}`)
      const kept = await page.locator(`#t-${two.id}`).elementHandle()
      await row.locator('svg.bars').focus()
      change([oneDown, two, three])
      tell(changed)
      await row.getByText('Down').waitFor()
      expect(await page.title()).toBe('1 of 3 trackers up · stable list 1 – trackerwatch')
      expect(await page.locator('#count-down').innerText()).toContain('2')
      expect(await kept?.evaluate((node) => node.isConnected)).toBe(true)
      const focused = await page.locator(':focus').evaluate((node) => [node.localName, node.closest('tr')?.id])
      expect(focused).toEqual(['svg', `t-${one.id}`])
      change([oneDown, two])
      tell({ event: 'round', data: { group: 'public', endedAt: NOW, checked: 2, alive: 1, trackers: 2 } })
      await hosts(page, ['one', 'two'])
      expect(await kept?.evaluate((node) => node.isConnected)).toBe(true)
    })

    it('keeps to the view when a change makes a row leave or enter it', async () => {
      const { url, change, tell } = await startSite()
      const page = await openPage(`${url}/?status=up&sort=latency`)
      await page.locator('#live[data-state=live]').waitFor()
      await hosts(page, ['two', 'one'])
      change([oneDown, two, three])
      tell(changed)
      await hosts(page, ['two'])
      change([one, two, three])
      tell(changed)
      await hosts(page, ['two', 'one'])
    })

    it('pauses in the background, and catches up', async () => {
      const { url, change, listeners } = await startSite()
      const page = await openPage(url)
      await page.locator('#live[data-state=live]').waitFor()
      await pretendHidden(page, true)
      expect(await page.locator('#live').innerText()).toBe('Paused')
      await expect.poll(() => listeners.size, PATIENT).toBe(0)
      change([two])
      await pretendHidden(page, false)
      await hosts(page, ['two'])
      await page.locator('#live[data-state=live]').waitFor()
    })

    it('says that the connection is lost', async () => {
      const { url, stop } = await startSite()
      const page = await (await browser.newContext()).newPage()
      onTestFinished(() => page.context().close())
      await page.goto(url)
      await page.locator('#live[data-state=live]').waitFor()
      await stop()
      await page.getByText('Connection lost; trying again').waitFor()
    })

    it('tells each bar by the arrow keys, in the reader’s zone', async () => {
      const { url } = await startSite()
      const page = await openPage(url)
      await page.locator(`#t-${one.id} a`).last().focus()
      await page.keyboard.press('Tab')
      const tip = page.locator('.tip')
      expect(await tip.innerText()).toBe('22 Nov 2026, 09:50 · Answered · 40 ms')
      await page.keyboard.press('ArrowLeft')
      expect(await tip.innerText()).toBe('22 Nov 2026, 09:40 · Failed: No answer to UDP packets')
      await page.keyboard.press('Home')
      expect(await tip.innerText()).toBe('No check yet')
      await page.keyboard.press('End')
      await page.keyboard.press('Escape')
      expect(await tip.isVisible()).toBe(false)
      expect(await page.locator(`#t-${one.id} .runs title`).allTextContents()).toHaveLength(4)
    })
  },
)

const changed: NumberedEvent['event'] = {
  event: 'status',
  data: {
    id: one.id,
    url: one.tracker.url,
    from: 'up',
    to: 'down',
    at: NOW,
    reason: 'timeout',
    code: 'udp.timeout',
    message: null,
  },
}

/** A server whose trackers change when the test says so. */
async function startSite() {
  const entries: Entry[] = [one, two, three]
  const recent = new Map([
    [one.tracker.url, [answeredAt(ago(600_000)), failedAt(ago(1_200_000)), answeredAt(ago(1_800_000))]],
  ])
  const listeners = new Set<(event: NumberedEvent) => void>()
  let number = 0
  const events: LiveEvents = {
    lastId: () => `run-${number}`,
    since: () => [],
    listen: ({ onEvent }) => {
      listeners.add(onEvent)
      return () => listeners.delete(onEvent)
    },
  }
  const cache = createResponseCache()
  const app = appOver({ entries, recent }, { events })
  const { url, stop } = await startServer(app, { host: '127.0.0.1', port: 0, stopGraceMs: 0 }, cache)
  onTestFinished(stop)
  return {
    url,
    stop,
    listeners,
    change: (next: readonly Entry[]) => {
      entries.splice(0, entries.length, ...next)
      cache.clear()
    },
    tell: (event: NumberedEvent['event']) => {
      number += 1
      for (const listener of listeners) listener({ id: `run-${number}`, event })
    },
  }
}

/** Waits until the rows are those of these hosts, in this order. */
async function hosts(page: Page, expected: readonly string[]): Promise<void> {
  await expect
    .poll(
      async () => (await page.locator('#rows .url > a').allTextContents()).map((url) => /\/(\w+)\./.exec(url)?.[1]),
      PATIENT,
    )
    .toEqual(expected)
}

async function pretendHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))`)
}
