import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blocksOf } from '../e2e/readme.js'
import { parseExposition } from '../metrics/parse-exposition.js'
import { contractFamilies } from './contract-families.js'
import { expressionsOf, loadDashboards } from './dashboards.js'
import { createFullPage } from './full-page.js'
import { isInstalled, root, run, titleFor } from './programs.js'
import { alerts, recordings } from './rules.js'

const recorded = new Set(recordings.map(({ record }) => record))

/** Names of ours, Node's and the process's, recorded ones with their colons. */
function namesIn(expression: string): readonly string[] {
  return expression.match(/\b(?:\w+:)*(?:trackerwatch|process|nodejs)_[\w:]+/g) ?? []
}

/** What Prometheus puts on a series itself, with `vantage` by its configuration. */
const labelsOfTargets = ['job', 'instance', 'vantage', '']
/** Series of the programs beside us; the tests with the real ones ask them. */
const foreign = /\b(?:up|scrape_\w+|alertmanager_\w+|prometheus_\w+)\b/
/** What `/probe` answers and `/metrics` does not, and the beginning of several names. */
const elsewhere = ['trackerwatch_probe_outcome', 'trackerwatch_probe_reason', 'trackerwatch_tracker_']

/** Labels that an expression matches on or groups by, those that Prometheus adds left out. */
function labelsIn(expression: string): readonly string[] {
  const matched = [...expression.matchAll(/[{,]\s*(\w+)\s*(?:=|!)/g)].map((match) => match[1] ?? '')
  const grouped = [...expression.matchAll(/\b(?:by|without|on)\s*\(([^)]*)\)/g)].flatMap((match) =>
    (match[1] ?? '').split(/\s*,\s*/),
  )
  return [...matched, ...grouped].filter((label) => !labelsOfTargets.includes(label))
}

const expressions = [
  ...[...recordings, ...alerts].map((rule) => rule.expr),
  ...loadDashboards().flatMap(({ json }) => [...expressionsOf(json), ...queriesOf(json.templating.list)]),
]

function queriesOf(variables: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return variables.flatMap(({ definition }) => (typeof definition === 'string' ? definition : []))
}

const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
]

describe('rules, dashboards and documents', async () => {
  const body = (await createFullPage(new Date())()).body.toString()
  const families = parseExposition(body)
  const samples = [...families.values()].flatMap((family) => family.samples)
  const exposed = new Set(samples.map((sample) => sample.name))
  const labels = new Set([...samples, ...recordings].flatMap((one) => Object.keys(one.labels ?? {})))

  it.each(expressions)('name only what exists: %s', (expression) => {
    const own = namesIn(expression)
    if (!foreign.test(expression)) expect(own.length).toBeGreaterThan(0)
    expect(own.filter((name) => !exposed.has(name) && !recorded.has(name))).toEqual([])
    expect(labelsIn(expression).filter((label) => !labels.has(label))).toEqual([])
  })

  it.each(documents)('stand in %s with names and labels that exist', (file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const known = new Set([...exposed, ...families.keys(), ...recorded, ...elsewhere])
    expect(namesIn(text).filter((name) => !known.has(name))).toEqual([])
    const queries = blocksOf(text).flatMap((block) => (block.language === 'promql' ? block.text.split('\n') : []))
    const named = queries.filter((query) => !foreign.test(query)).flatMap(labelsIn)
    expect(named.filter((label) => !labels.has(label))).toEqual([])
  })

  it.runIf(isInstalled('promtool'))(titleFor('stand on a page that promtool finds no fault with', 'promtool'), () => {
    expect(run('promtool', ['check', 'metrics'], body)).toEqual({ status: 0, output: '' })
  })

  it('stand on a page that shows every family of the contract', () => {
    expect(contractFamilies.filter((name) => !families.get(name)?.samples.length)).toEqual([])
  })
})
