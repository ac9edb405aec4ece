import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { describeInBrowser, PATIENT } from './browser.js'
import { freshFolder, writeConfig } from './folder.js'
import { type Daemon, startDaemon } from './program.js'

describeInBrowser('a page that stays open', (openPage) => {
  it('shows that a tracker goes down and comes back, without being loaded again', async () => {
    const { daemon, first, second, answers } = await startSwitched()
    const page = await openPage(daemon.url)
    await page.locator('#live[data-state=live]').waitFor()
    await mark(page)
    const row = page.locator('#rows tr', { has: page.getByRole('link', { name: first }) })
    expect(await row.locator('.status').innerText()).toContain('Up')
    await page.getByRole('link', { name: second }).focus()

    answers.set(first, false)
    await expect.poll(() => row.locator('.status').innerText(), PATIENT).toContain('Down')
    expect(await row.innerText()).toContain('No answer to the connect request')
    await expect.poll(() => page.locator('h1').innerText(), PATIENT).toMatch(/^1 of 2 trackers up/)
    expect(await page.title()).toMatch(/^1 of 2 trackers up/)
    expect(await page.locator('#count-down').innerText()).toContain('1')
    expect(await page.locator(':focus').innerText()).toBe(second)

    answers.set(first, true)
    await expect.poll(() => row.locator('.status').innerText(), PATIENT).toContain('Up')
    await expect.poll(() => page.locator('h1').innerText(), PATIENT).toMatch(/^2 of 2 trackers up/)
    expect(await isMarked(page)).toBe(true)
  })

  it('keeps to its filter when a tracker goes down', async () => {
    const { daemon, first, second, answers } = await startSwitched()
    const page = await openPage(`${daemon.url}/?status=up&sort=name`)
    await page.locator('#live[data-state=live]').waitFor()
    await mark(page)
    const shown = page.locator('#rows .url > a')
    expect((await shown.allInnerTexts()).toSorted()).toEqual([first, second].toSorted())
    answers.set(first, false)
    await expect.poll(() => shown.allInnerTexts(), PATIENT).toEqual([second])
    expect(await isMarked(page)).toBe(true)
  })

  it('renews the page of a tracker, with its verdict, its checks and its incidents', async () => {
    const { daemon, first, answers } = await startSwitched()
    const page = await openPage(daemon.url)
    await page.getByRole('link', { name: first }).click()
    await page.locator('.uplot canvas').first().waitFor()
    await mark(page)
    answers.set(first, false)
    await expect.poll(() => page.locator('#head').innerText(), PATIENT).toContain('Down')
    await expect.poll(() => page.locator('#verdict').innerText(), PATIENT).toContain('so it is down')
    await expect.poll(() => page.locator('#incidents').innerText(), PATIENT).toContain('and still does')
    await expect.poll(() => page.locator('#checks').innerText(), PATIENT).toContain('Failed')
    expect(await isMarked(page)).toBe(true)
    expect(await page.locator('.uplot canvas').count()).toBeGreaterThan(0)
  })

  it.each(['/', 'tracker'])('holds no stream of events while nobody looks at it: %s', async (path) => {
    const { daemon, first, answers } = await startSwitched()
    const page = await openPage(daemon.url)
    if (path === 'tracker') await page.getByRole('link', { name: first }).click()
    const streams = countStreams(page)
    await page.reload()
    await expect.poll(() => streams.size, PATIENT).toBe(1)
    await pretendHidden(page, true)
    await expect.poll(() => streams.size, PATIENT).toBe(0)
    answers.set(first, false)
    await daemon.logged(({ msg, to }) => msg === 'status changed' && to === 'down')
    const state = page.locator(path === '/' ? '#rows' : '#head')
    expect(await state.innerText()).not.toContain('Down')
    await pretendHidden(page, false)
    await expect.poll(() => state.innerText(), PATIENT).toContain('Down')
    expect(streams.size).toBe(1)
  })
})

/** A daemon that checks two trackers every second; each answers for as long as the test says so. */
async function startSwitched(): Promise<{
  readonly daemon: Daemon
  readonly first: string
  readonly second: string
  readonly answers: Map<string, boolean>
}> {
  const answers = new Map<string, boolean>()
  const start = async (host: string): Promise<string> => {
    const tracker = await startUdpTracker((...args) => (answers.get(tracker.url) ? goodTracker(...args) : []), { host })
    onTestFinished(tracker.stop)
    answers.set(tracker.url, true)
    return tracker.url
  }
  const [first, second] = await Promise.all([start('127.0.0.21'), start('127.0.0.22')])
  const daemon = await startDaemon(
    writeConfig(freshFolder(), {
      schedule: '* * * * * *',
      probe: { timeout: '400ms', allow_private: true, interval_floor: 'none' },
      health: { down_after: 1 },
      groups: [{ name: 'public', trackers: [first, second] }],
    }),
  )
  await daemon.logged(({ msg }) => msg === 'round ended')
  return { daemon, first, second, answers }
}

/** Something that does not outlive the document. */
async function mark(page: Page): Promise<void> {
  await page.evaluate('document.isStillThis = true')
}

function isMarked(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.isStillThis === true')
}

/** The streams of events that are open, of those that are opened from now on. */
function countStreams(page: Page): ReadonlySet<unknown> {
  const open = new Set<unknown>()
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/events') open.add(request)
  })
  page.on('requestfailed', (request) => open.delete(request))
  page.on('requestfinished', (request) => open.delete(request))
  return open
}

async function pretendHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))`)
}
