import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { expressionsOf, loadDashboards } from './dashboards.js'
import { root } from './programs.js'

const provisioning = join(root, 'config/grafana/provisioning')

/** The selectors of an expression: a metric name and what stands in its braces, empty where it has none. */
function selectorsOf(expression: string): readonly { name: string; matchers: string }[] {
  const found = expression.matchAll(/\b((?:\w+:)*(?:trackerwatch|process|nodejs)_[\w:]+)(?:\{([^}]*)\})?/g)
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
    const [datasource, ...others] = json.templating.list
    expect(datasource).toMatchObject({ name: 'datasource', label: 'Data Source', type: 'datasource' })
    expect(others.map((variable) => variable.name)).toEqual(['job', 'instance'])
    for (const variable of others) {
      const expected = { type: 'query', multi: true, includeAll: true, allValue: '.+', refresh: 2 }
      expect(variable).toMatchObject({ ...expected, datasource: { uid: '$' + '{datasource}' } })
    }
  })

  it('selects job and instance in every selector', () => {
    for (const expression of expressionsOf(json)) {
      const selectors = selectorsOf(expression)
      expect(selectors.length, expression).toBeGreaterThan(0)
      for (const { matchers } of selectors) {
        expect(matchers, expression).toContain('job=~"$job"')
        expect(matchers, expression).toContain('instance=~"$instance"')
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
