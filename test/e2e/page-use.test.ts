import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeInBrowser, PATIENT } from './browser.js'
import { type Site, startSite } from './site.js'

/** Says whether there was a body, and so anything to paint, when the theme was set. */
const THEME_WITNESS = `new MutationObserver(() => {
  window.themedBeforeBody ??= document.body === null
}).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-theme'] })`

describeInBrowser('a reader', (openPage) => {
  let site: Site
  beforeAll(async () => {
    site = await startSite()
  }, 60_000)
  afterAll(() => site.stop())

  it('sees a dark page where the system is dark, and a light one where it is light', async () => {
    const light = await brightness(await openPage(site.daemon.url, { colorScheme: 'light' }))
    const dark = await brightness(await openPage(site.daemon.url, { colorScheme: 'dark' }))
    expect(light.back - light.text).toBeGreaterThan(128)
    expect(dark.text - dark.back).toBeGreaterThan(128)
    expect(
      await brightness(await openPage(site.daemon.url, { colorScheme: 'dark', javaScriptEnabled: false })),
    ).toEqual(dark)
  })

  it('chooses dark by the button, and has it on every page from then on, before anything is painted', async () => {
    const page = await openPage(site.daemon.url, { colorScheme: 'light' })
    await page.getByRole('button', { name: 'Dark' }).click()
    const chosen = await brightness(page)
    expect(chosen.text - chosen.back).toBeGreaterThan(128)
    await page.addInitScript(THEME_WITNESS)
    for (const path of Object.values(site.pages)) {
      await page.goto(site.daemon.url + path)
      expect(await page.evaluate('window.themedBeforeBody')).toBe(true)
      expect(await brightness(page)).toEqual(chosen)
    }
    expect(await page.getByRole('button', { name: 'Dark' }).getAttribute('aria-pressed')).toBe('true')
    await page.getByRole('button', { name: 'Dark' }).click()
    await page.goto(site.daemon.url)
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light')
  })

  it('filters while typing and sorts by the keyboard, and shares the view by its address', async () => {
    const page = await openPage(site.daemon.url)
    await page.locator('#live[data-state=live]').waitFor()
    await page.getByLabel('Search').fill('dead')
    await shows(page, [site.urls.dead, site.urls.twin])
    await page.locator('#by-name').focus()
    await page.keyboard.press('Enter')
    await page.locator('th[aria-sort=ascending]').waitFor()
    await page.keyboard.press('Enter')
    await shows(page, [site.urls.twin, site.urls.dead])
    const again = await openPage(page.url())
    await shows(again, [site.urls.twin, site.urls.dead])
    expect(await again.getByLabel('Search').inputValue()).toBe('dead')
  })

  it.each(['status', 'tracker', 'incidents', 'lists', 'api', 'submit'])(
    'reaches everything on "%s" by Tab, in the order of the page, and sees where he is',
    async (name) => {
      const page = await openPage(site.daemon.url + site.pages[name])
      await page.locator('button.theme').waitFor()
      const steps: { readonly place: number; readonly isSeen: boolean; readonly what: string }[] = []
      const wanted = await page.evaluate<number>(FOCUSABLE_COUNT)
      expect(wanted).toBeGreaterThan(7)
      for (let step = 0; step < Math.min(wanted, MOST_STEPS); step++) {
        await page.keyboard.press('Tab')
        steps.push(await page.evaluate(FOCUSED))
      }
      // A field for a date has several stops, and draws the last of them itself.
      const seen = new Set(steps.filter(({ isSeen }) => isSeen).map(({ place }) => place))
      expect(steps.filter(({ place }) => !seen.has(place))).toEqual([])
      const places = [...new Set(steps.map(({ place }) => place))]
      expect(places).toEqual(places.map((_, index) => index))
    },
  )

  it('reads each check of a tracker by the arrow keys', async () => {
    const page = await openPage(`${site.daemon.url}/?q=flapping`)
    await page.locator('#live[data-state=live]').waitFor()
    await page.locator('#rows a').last().focus()
    await page.keyboard.press('Tab')
    const tip = page.locator('.tip')
    await expect.poll(() => tip.innerText(), PATIENT).toMatch(/· Answered · \d+ ms$/)
    for (let step = 0; step < 8; step++) await page.keyboard.press('ArrowLeft')
    expect(await tip.innerText()).toMatch(/· Failed: No answer/)
    await page.keyboard.press('Escape')
    expect(await tip.isVisible()).toBe(false)
  })

  it('copies what is to be copied by the keyboard, and is told so', async () => {
    const page = await openPage(site.daemon.url + site.pages.lists, {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const button = page.getByRole('button', { name: /^Copy: / }).first()
    const before = await page.locator('#chosen pre').first().innerText()
    await button.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /^Copied: / }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(before)
    expect(before).toBe(`${site.daemon.url}/lists/stable.txt`)
  })

  it('sees the result of a choice of lists at once, and its address', async () => {
    const page = await openPage(site.daemon.url + site.pages.lists)
    await page.locator('select[name=list]').selectOption('alive')
    await expect.poll(() => page.locator('#chosen').innerText(), PATIENT).toContain('/lists/alive.txt')
    await expect.poll(() => new URL(page.url()).searchParams.get('list'), PATIENT).toBe('alive')
  })

  it('submits by the keyboard, and finds each line as it was sent', async () => {
    const page = await openPage(site.daemon.url + site.pages.submit)
    await page.getByLabel('Announce URLs, one per line').fill('nonsense <script>alert(1)</script>')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('nonsense <script>alert(1)</script>').waitFor()
    expect(await page.locator('main script').count()).toBe(0)
  })

  it('sees charts of latency, for the time chosen, in the colours of the page', async () => {
    const page = await openPage(site.daemon.url + site.pages.tracker, { colorScheme: 'light' })
    const canvas = page.locator('#latency canvas')
    await canvas.first().waitFor()
    expect(await canvas.count()).toBe(2)
    const drawn = () => page.evaluate<string | null>(DRAWN)
    await expect.poll(drawn, PATIENT).not.toBeNull()
    const light = await drawn()
    await page.getByRole('button', { name: 'Dark' }).click()
    await expect.poll(drawn, PATIENT).not.toBe(light)
    const asked = page.waitForResponse(/\/latency\.json\?range=30d$/)
    await page.getByRole('link', { name: '30d' }).click()
    expect((await asked).status()).toBe(200)
    await canvas.first().waitFor()
    expect(await page.locator('.ranges [aria-current]').innerText()).toBe('30d')
    expect(new URL(page.url()).search).toBe('?range=30d')
  })

  it('sees the drawing of the server where nothing was answered, and no empty chart', async () => {
    const page = await openPage(site.daemon.url + site.pages['tracker that is down'])
    await page.locator('button.theme').waitFor()
    expect(await page.locator('#latency').innerText()).toContain('No answer in this time.')
    expect(await page.locator('canvas').count()).toBe(0)
  })
})

const MOST_STEPS = 80

/** What Tab is to reach, in the order of the document. */
const FOCUSABLE = `[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter((node) => node.type !== 'hidden' && !node.disabled && node.checkVisibility({ visibilityProperty: true }))`
const FOCUSABLE_COUNT = `${FOCUSABLE}.length`
const FOCUSED = `(() => {
  const node = document.activeElement
  const { outlineStyle, outlineWidth } = getComputedStyle(node)
  return {
    place: ${FOCUSABLE}.indexOf(node),
    isSeen: outlineStyle !== 'none' && outlineWidth !== '0px',
    what: node.outerHTML.slice(0, 120),
  }
})()`

/** What is drawn on the first chart; null while that is nothing. */
const DRAWN = `(() => {
  const canvas = document.querySelector('#latency canvas')
  const blank = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height })
  const drawn = canvas.toDataURL()
  return drawn === blank.toDataURL() ? null : drawn
})()`

/** Waits until the table has these trackers, in this order. */
async function shows(page: Page, urls: readonly string[]): Promise<void> {
  await expect.poll(() => page.locator('#rows .url > a').allInnerTexts(), PATIENT).toEqual(urls)
}

async function brightness(page: Page): Promise<{ back: number; text: number }> {
  const colours = await page.locator('body').evaluate((body) => {
    const style = body.ownerDocument.defaultView?.getComputedStyle(body)
    return [style?.getPropertyValue('background-color'), style?.getPropertyValue('color')]
  })
  const [back = Number.NaN, text = Number.NaN] = colours.map(brightnessOf)
  return { back, text }
}

/** 0 to 255, of `rgb(1, 2, 3)`. */
function brightnessOf(colour: string | undefined): number {
  const parts = (colour ?? '').match(/\d+/g)?.slice(0, 3).map(Number) ?? []
  expect(parts).toHaveLength(3)
  return parts.reduce((sum, part) => sum + part / 3, 0)
}
