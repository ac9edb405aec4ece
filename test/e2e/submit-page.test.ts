import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { startDaemon } from './program.js'

const executablePath = '/usr/bin/chromium'
const hasChromium = existsSync(executablePath)
const args = ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP monitor.example 127.0.0.1']
const TOKEN = 'operator-0123456789'

describe.runIf(hasChromium)(`the forms in a browser${hasChromium ? '' : ' (skipped: no /usr/bin/chromium)'}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args })
  })
  afterAll(() => browser.close())

  // By its address on loopback and by a name: for the latter a browser does not say of which site a request is.
  it.each(['127.0.0.1', 'monitor.example'])('are sent and taken without JavaScript at %s', async (host) => {
    const tracker = await startUdpTracker(goodTracker)
    onTestFinished(tracker.stop)
    const folder = freshFolder()
    const daemon = await startDaemon(
      writeConfig(folder, {
        groups: [{ name: 'local', trackers: [tracker.url] }],
        token: TOKEN,
        submissions: { mode: 'open', file: join(folder, 'submissions.json') },
      }),
    )
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    const url = daemon.url.replace('127.0.0.1', host)
    await page.goto(`${url}/submit`)
    await page.getByLabel('Announce URLs, one per line').fill(`${tracker.url}\n<script>alert(1)</script>`)
    await page.getByRole('button', { name: 'Submit' }).click()
    await page.waitForURL(/\/submit\/[0-9a-f]{32}$/) // and until all of it is there
    expect(await page.getByRole('row').allTextContents()).toEqual([
      'TrackerResult',
      expect.stringContaining('127.0.0.1 is a loopback address'),
      expect.stringContaining('<script>alert(1)</script>'),
    ])
    await page.goto(`${url}/submit/review`)
    await page.getByLabel('Token').fill(TOKEN)
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByText('No tracker has been submitted and answered yet.').waitFor()
  })
})
