import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { expressionsOf, loadDashboards } from './dashboards.js'
import { dashboards } from './grafana/all.js'
import { root } from './programs.js'

const provisioning = join(root, 'config/grafana/provisioning')

const [job, instance] = ['job=~"$job"', 'instance=~"$instance"']

/** The selectors of an expression: a metric name and what stands in its braces, empty where it has none. */
function selectorsOf(expression: string): readonly { name: string; matchers: string }[] {
  const found = expression.matchAll(/\b((?:\w+:)*(?:trackerwatch|process|nodejs|scrape)_[\w:]+)(?:\{([^}]*)\})?/g)
  return [...found].map(([, name = '', matchers = '']) => ({ name, matchers }))
}

describe('Grafana is provisioned', () => {
  it('with a data source of a fixed uid that nobody can edit', () => {
    const source = z.object({ uid: z.string(), type: z.string(), url: z.string(), editable: z.boolean() })
    const file = z.object({ apiVersion: z.literal(1), datasources: z.array(source) })
    const text = readFileSync(join(provisioning, 'datasources/prometheus.yml'), 'utf8')
    expect(file.parse(parse(text)).datasources).toEqual([
      { uid: 'trackerwatch-prometheus', type: 'prometheus', url: 'http://prometheus:9090', editable: false },
    ])
  })

  it('with dashboards that follow their files', () => {
    const text = readFileSync(join(provisioning, 'dashboards/trackerwatch.yml'), 'utf8')
    expect(parse(text)).toMatchObject({
      providers: [
        {
          allowUiUpdates: false,
          disableDeletion: true,
          updateIntervalSeconds: 30,
          options: { path: '/etc/grafana/dashboards', foldersFromFilesStructure: true },
        },
      ],
    })
  })
})

describe('the dashboards', () => {
  const uids = loadDashboards().map(({ json }) => json.uid)

  it('are those of their program (write them anew with `npx tsx test/deploy/grafana/write.ts`)', () => {
    const shipped = loadDashboards().map(({ file, text }) => [file, JSON.parse(text)])
    expect(Object.fromEntries(shipped)).toEqual(JSON.parse(JSON.stringify(dashboards)))
  })

  it('are four, each with a uid of its own', () => {
    expect(uids.toSorted()).toEqual(['lists', 'monitor', 'overview', 'tracker'].map((name) => `trackerwatch-${name}`))
  })

  it('are there wherever an alert or a table leads to one', () => {
    const rules = join(root, 'config/prometheus/rules')
    const texts = readdirSync(rules).map((file) => readFileSync(join(rules, file), 'utf8'))
    const named = [...texts, ...loadDashboards().map(({ text }) => text)].flatMap((text) =>
      [...text.matchAll(/\/d\/([\w-]+)/g)].map(([, uid]) => uid),
    )
    expect(named).toContain('trackerwatch-tracker')
    expect(named.filter((uid) => uid === undefined || !uids.includes(uid))).toEqual([])
  })
})

describe.each(loadDashboards())('$file', ({ text, json }) => {
  const panels = json.panels.filter((panel) => panel.type !== 'row')

  it('has a uid of its own, no database id, and cannot be edited', () => {
    expect(json).toMatchObject({ uid: expect.stringMatching(/^trackerwatch-[a-z-]+$/), id: null, editable: false })
    expect(json.tags).toContain('trackerwatch')
  })

  it('has no placeholder that only the import wizard resolves', () => {
    expect(text).not.toMatch(/__inputs|__requires|\$\{DS_/)
  })

  it('lets choose data source, jobs and instances', () => {
    const [datasource, job, instance, ...others] = json.templating.list
    expect(datasource).toMatchObject({ name: 'datasource', label: 'Data Source', type: 'datasource' })
    expect([job?.name, instance?.name]).toEqual(['job', 'instance'])
    const own = json.uid === 'trackerwatch-tracker' ? ['tracker', 'page'] : ['page']
    expect(others.map((variable) => variable.name)).toEqual(own)
    for (const variable of [job, instance]) {
      const expected = { type: 'query', multi: true, includeAll: true, allValue: '.+', refresh: 2 }
      expect(variable).toMatchObject({ ...expected, datasource: { uid: '$' + '{datasource}' } })
    }
  })

  it('selects job and instance in every selector', () => {
    for (const expression of expressionsOf(json)) {
      const selectors = selectorsOf(expression)
      expect(selectors.length, expression).toBeGreaterThan(0)
      for (const { matchers } of selectors) {
        expect(matchers, expression).toContain(job)
        expect(matchers, expression).toContain(instance)
      }
    }
  })

  it('leaves the range of every rate to Grafana', () => {
    for (const expression of expressionsOf(json)) {
      for (const [rate, range] of expression.matchAll(/\b(?:rate|irate|increase)\([^[]*\[([^\]]+)\]/g)) {
        expect(range, rate).toBe('$__rate_interval')
      }
    }
  })

  it.each(panels)('panel "$title" says what it shows, in which unit, from the chosen data source', (panel) => {
    expect(panel.title).not.toBe('')
    expect(panel.description ?? '').not.toBe('')
    expect(panel.fieldConfig?.defaults.unit ?? '').not.toBe('')
    const sources = [panel, ...(panel.targets ?? [])].map((one) => one.datasource?.uid)
    expect(new Set(sources)).toEqual(new Set(['$' + '{datasource}']))
  })

  it('leads to the other dashboards, and to the pages of trackerwatch itself', () => {
    const [others, page] = json.links
    expect(others).toMatchObject({ type: 'dashboards', tags: ['trackerwatch'], includeVars: true, keepTime: true })
    expect(page).toMatchObject({ type: 'link', url: expect.stringMatching(/^\$\{page\}\//) })
  })

  it('marks changes of status at the moment of the change', () => {
    const [annotation, ...more] = json.annotations.list
    expect(more).toEqual([])
    expect(annotation).toMatchObject({
      useValueForTime: true,
      expr: expect.stringContaining('trackerwatch_tracker_status_change_timestamp_seconds'),
    })
  })

  it('has rows of panels with one height, below a title each', () => {
    expect(json.panels[0]?.type).toBe('row')
    for (const { title, gridPos } of json.panels) {
      const heights = json.panels.filter((other) => other.gridPos.y === gridPos.y).map((other) => other.gridPos.h)
      expect(new Set(heights).size, title).toBe(1)
    }
  })

  it('has panels with ids of their own that do not overlap', () => {
    expect(new Set(json.panels.map((panel) => panel.id)).size).toBe(json.panels.length)
    const taken = new Set<string>()
    for (const { title, gridPos } of json.panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(x, title).toBeLessThan(24)
          expect(taken.has(`${x} ${y}`), `${title} at ${x} ${y}`).toBe(false)
          taken.add(`${x} ${y}`)
        }
      }
    }
  })
})
