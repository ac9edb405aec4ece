import { afterAll, beforeAll, expect, it } from 'vitest'
import { DESKTOP, describeInBrowser, expectHarmless, PHONE, screenshot } from './browser.js'
import { HOSTILE, type Site, startSite } from './site.js'

const WITHOUT_SCRIPTS = { javaScriptEnabled: false }

describeInBrowser('the pages in a browser', (openPage) => {
  let site: Site
  beforeAll(async () => {
    site = await startSite()
  }, 60_000)
  afterAll(() => site.stop())

  const headings = {
    status: /^7 of 11 trackers up · stable list \d+ · last round /,
    'status, nothing found': /^7 of 11 trackers up/,
    tracker: /^udp:\/\/flapping\.example:\d+\/announce$/,
    'tracker that is down': /^udp:\/\/dead\.example:\d+\/announce$/,
    'tracker that is new': /^udp:\/\/fresh\.example:\d+\/announce$/,
    'hostile tracker': /^udp:\/\/hostile\.example:\d+\/announce$/,
    incidents: /^Incidents$/,
    'incidents of a tracker': /^Incidents/,
    lists: /^Lists$/,
    api: /^API$/,
    submit: /^Submit trackers$/,
    review: /^Review submissions$/,
  }

  it.each(Object.entries(headings))('show all of "%s" without JavaScript', async (name, heading) => {
    const page = await openPage(urlOf(name), WITHOUT_SCRIPTS)
    expect(await page.locator('h1').allInnerTexts()).toEqual([expect.stringMatching(heading)])
    expect(await page.title()).toMatch(/ – trackerwatch$/)
    expect(await page.locator('main').innerText()).not.toMatch(/undefined|NaN|\[object/)
    // What would do nothing is not there to be tried.
    expect(await page.locator('button:not([type=submit]):visible').count()).toBe(0)
    expect(
      await page.locator('header a').evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
    ).toEqual(['/', '/', '/incidents', '/lists/', '/api/v1/', '/metrics'])
  })

  it('lead from the list of trackers to each of them, to its incidents and its feed', async () => {
    const page = await openPage(urlOf('status'), WITHOUT_SCRIPTS)
    expect(await page.locator('#rows tr').count()).toBe(11)
    await page.getByRole('link', { name: site.urls.flapping }).click()
    for (const name of ['Uptime', 'Latency', 'Why this verdict', 'Last failures', 'Last checks', 'Addresses']) {
      expect(await page.getByRole('heading', { name, exact: true }).count()).toBe(1)
    }
    expect(await page.locator('#latency svg').count()).toBeGreaterThan(1)
    expect(await page.locator('canvas').count()).toBe(0)
    await page.getByRole('link', { name: '7d' }).click()
    expect(new URL(page.url()).search).toBe('?range=7d')
    await page.getByRole('link', { name: 'a page of its incidents' }).click()
    expect(await page.locator('table.incidents tr').count()).toBeGreaterThan(20)
  })

  it('filter and sort the trackers without JavaScript, with the view in the address', async () => {
    const page = await openPage(urlOf('status'), WITHOUT_SCRIPTS)
    await page.getByLabel('Search').fill('dead')
    await page.getByLabel('Sort by').selectOption('name')
    await page.getByRole('button', { name: 'Show' }).click()
    const { searchParams } = new URL(page.url())
    expect([searchParams.get('q'), searchParams.get('sort')]).toEqual(['dead', 'name'])
    const shown = page.locator('#rows .url > a')
    expect(await shown.allInnerTexts()).toEqual([site.urls.dead, site.urls.twin])
    await page.locator('#by-name').click()
    expect(await shown.allInnerTexts()).toEqual([site.urls.twin, site.urls.dead])
  })

  it('choose a list without JavaScript', async () => {
    const page = await openPage(urlOf('lists'), WITHOUT_SCRIPTS)
    await page.locator('select[name=list]').selectOption('alive')
    await page.getByLabel('Latency up to, ms').fill('1')
    await page.getByRole('button', { name: 'Show' }).click()
    expect(await page.locator('#chosen').innerText()).toMatch(/\/lists\/alive\.txt\?max_latency_ms=1\b/)
  })

  it.each(['status', 'hostile tracker', 'incidents'])(
    'show the text of a hostile tracker as text on "%s"',
    async (name) => {
      const page = await openPage(urlOf(name))
      expect(await page.getByText("<script>document.title='owned'</script>").count()).toBeGreaterThan(0)
      await expectHarmless(page)
    },
  )

  it.each(['/feed.atom', '/feed.json', '/api/v1/trackers', '/api/v1/incidents'])(
    'leave the text of a hostile tracker without force in %s',
    async (path) => {
      const page = await openPage(site.daemon.url + path)
      expect(await site.daemon.get(path)).toContain('owned')
      await expectHarmless(page)
    },
  )

  it('give programs a feed that is well-formed whatever a tracker says, its text as text', async () => {
    const page = await openPage(urlOf('status'))
    const said = await page.evaluate(`(async () => {
      const feed = new DOMParser().parseFromString(await (await fetch('/feed.atom')).text(), 'application/xml')
      return {
        root: feed.documentElement.localName,
        texts: [...feed.querySelectorAll('summary, content')].map((node) => [node.getAttribute('type'), node.textContent]),
      }
    })()`)
    expect(said).toMatchObject({ root: 'feed' })
    expect(JSON.stringify(said)).toContain(JSON.stringify(HOSTILE).slice(1, -1))
    expect(JSON.stringify(said)).not.toMatch(/"x?html"/)
  })

  it('show badges that are drawings and nothing else', async () => {
    const id = urlOf('hostile tracker').split('/').pop()
    const page = await openPage(`${site.daemon.url}/badge/${id}/status.svg`)
    expect(await page.locator('svg').first().textContent()).toContain('rejecting')
    expect(await page.locator('script, a, image, foreignObject').count()).toBe(0)
  })

  it.each([
    ['light', { viewport: DESKTOP, colorScheme: 'light' }],
    ['dark', { viewport: DESKTOP, colorScheme: 'dark' }],
    ['phone', PHONE],
  ] as const)(
    'fit their screen, weigh little, and leave pictures for a person to look at: %s',
    async (kind, options) => {
      const page = await openPage(urlOf('status'), options)
      for (const name of Object.keys(headings)) {
        await page.setViewportSize(options.viewport)
        await page.goto(urlOf(name))
        const width = await page.locator('html').evaluate((html) => html.scrollWidth)
        expect({ name, width }).toEqual({ name, width: options.viewport.width })
        const bytes = await page.evaluate<number>(BYTES_LOADED)
        expect({ name, bytes, isLittle: 5_000 < bytes && bytes < 80_000 }).toEqual({ name, bytes, isLittle: true })
        await screenshot(page, `${name.replace(/\W+/g, '-')}-${kind}`)
      }
    },
  )

  function urlOf(name: string): string {
    return site.daemon.url + site.pages[name]
  }
})

/** Of the page and all that it has loaded, as they came over the wire. */
const BYTES_LOADED = `['navigation', 'resource']
  .flatMap((type) => performance.getEntriesByType(type))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`
