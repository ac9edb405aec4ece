import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { blocksOf } from '../e2e/readme.js'
import { isInstalled, root, run, titleFor } from './programs.js'
import { alerts } from './rules.js'

const folder = join(root, 'docs/runbooks')
const runbooks = readdirSync(folder).map((file) => {
  const text = readFileSync(join(folder, file), 'utf8')
  return { name: file.replace(/\.md$/, ''), text, blocks: blocksOf(text) }
})
const commands = readdirSync(join(root, 'src/cli')).map((file) => file.replace(/\.ts$/, ''))
const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
  .join('\n')

function linesOf(blocks: (typeof runbooks)[number]['blocks'], language: string): readonly string[] {
  return blocks.filter((block) => block.language === language).flatMap(({ text }) => text.split('\n').filter(Boolean))
}

it('there is a runbook for every alert, and for nothing else', () => {
  expect(runbooks.map(({ name }) => name).toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted())
})

describe.each(runbooks)('the runbook of $name', ({ name, text, blocks }) => {
  it('says what the alert means, what follows from it, how to look, and what to do', () => {
    expect([...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title)).toEqual([
      ...[name, 'Meaning', 'Impact', 'Diagnosis', 'Mitigation'],
    ])
    for (const section of text.split(/^## /m).slice(1)) expect(section.split('\n').slice(2).join('')).not.toBe('')
  })

  it('names the severity that the alert has', () => {
    const alert = alerts.find((one) => one.alert === name)
    expect(text).toContain(`Severity: ${alert?.labels.severity}.`)
  })

  it('has queries and commands, and looks in the log for what is logged', () => {
    expect(linesOf(blocks, 'promql').length).toBeGreaterThan(0)
    expect(linesOf(blocks, 'sh').length).toBeGreaterThan(0)
    for (const line of linesOf(blocks, 'sh')) {
      const [, command] = /^trackerwatch (\w+)/.exec(line) ?? []
      if (command !== undefined) expect(commands).toContain(command)
      const [, logged] = /grep '(.*)'$/.exec(line) ?? []
      if (logged !== undefined) expect(source).toContain(`'${logged}`)
    }
  })

  it('refers to runbooks that exist', () => {
    const others = text.match(/\bTrackerwatch\w+/g) ?? []
    expect(others.filter((other) => !alerts.some(({ alert }) => alert === other))).toEqual([])
  })
})

it.runIf(isInstalled('promtool'))(titleFor('promtool reads every query of the runbooks', 'promtool'), () => {
  const directory = mkdtempSync(join(tmpdir(), 'trackerwatch-runbooks-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const queries = runbooks.flatMap(({ blocks }) => linesOf(blocks, 'promql'))
  const rules = queries.map((expr, index) => ({ record: `runbook:query:${index}`, expr }))
  const file = join(directory, 'queries.yml')
  writeFileSync(file, stringify({ groups: [{ name: 'runbooks', rules }] }))
  const { status, output } = run('promtool', ['check', 'rules', file])
  expect(status, output).toBe(0)
  expect(output).toContain(`${queries.length} rules found`)
})
