/**
 * Takes docs/status-page.png from the demo: `npm run build:tools && node build/demo/screenshot.js`. It waits until the
 * flapping tracker has gone down, so that there is something to see, which takes more than a minute.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { startDemo } from './start.js'

const file = fileURLToPath(new URL('../../docs/status-page.png', import.meta.url))
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']

const demo = await startDemo()
try {
  await untilFlapped(demo.daemon.url)
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
  const page = await browser.newPage({ viewport: { width: 1280, height: 994 } })
  await page.goto(demo.daemon.url)
  await page.screenshot({ path: file })
  await browser.close()
  process.stdout.write(`${file}\n`)
} finally {
  await demo.stop()
}

async function untilFlapped(url: string): Promise<void> {
  const isDown = /^trackerwatch_tracker_status\{tracker="udp:\/\/flapping\.[^}]*status="down"\} 1$/m
  while (!isDown.test(await (await fetch(`${url}/metrics`)).text())) await delay(1000)
}
