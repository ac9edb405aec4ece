import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load.js'
import { configJsonSchema, settingsSchema } from '../../src/config/schema.js'
import { parseTrackerList } from '../../src/tracker/list.js'
import { schemes } from '../../src/tracker/tracker.js'

const folder = new URL('../../config/', import.meta.url)
const shipped = fileURLToPath(new URL('trackerwatch.yaml', folder))
// The environment of the container names another address to listen on; without it the default stands.
const text = readFileSync(shipped, 'utf8').replace(/\$\{TRACKERWATCH_LISTEN:-([\d.:]+)\}/, '$1')

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly description?: string
}

/** Every key of the configuration with its path. */
function keysOf(node: SchemaNode, path = ''): { path: string; name: string; node: SchemaNode }[] {
  const inItems = node.items === undefined ? [] : keysOf(node.items, `${path}[]`)
  const own = Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const at = path === '' ? name : `${path}.${name}`
    return [{ path: at, name, node: child }, ...keysOf(child, at)]
  })
  return [...own, ...inItems]
}

const keys = keysOf(configJsonSchema() as SchemaNode)

describe('config/trackerwatch.yaml', () => {
  it('says exactly the defaults, apart from the groups', () => {
    const { groups } = parse(text)
    expect(settingsSchema.parse(parse(text))).toEqual(settingsSchema.parse({ groups }))
    expect(groups).toEqual([{ name: 'public', file: 'trackers.txt' }])
  })

  it('gives every key outside of lists, at its place', () => {
    const given = parse(text)
    const missing = keys
      .filter(({ path }) => !path.includes('[]'))
      .filter(({ path }) => path.split('.').reduce((node, name) => node?.[name], given) === undefined)
    expect(missing.map(({ path }) => path)).toEqual([])
  })

  it.each(keys)('mentions and explains $path', ({ name, node }) => {
    expect(text).toMatch(new RegExp(`^[ #-]*${name}:`, 'm'))
    expect(node.description).toMatch(/^\S.*\.$/)
  })

  it('loads, with the starter list beside it and without a warning', async () => {
    const { config, warnings } = await loadConfig(shipped, {})
    expect(warnings).toEqual([])
    expect(config.groups.map(({ name }) => name)).toEqual(['public'])
    expect(config.groups[0]?.trackers.length).toBeGreaterThanOrEqual(15)
  })

  it('takes the address to listen on from the environment, for the container', async () => {
    const { config } = await loadConfig(shipped, { TRACKERWATCH_LISTEN: '0.0.0.0:8080' })
    expect(config.listen).toEqual({ host: '0.0.0.0', port: 8080 })
  })

  it('is valid with what its comments offer in place as well', () => {
    const offered = text.replace(/^ {4}# (?= *(?:- )?[a-z_]+:(?:$|[ /]))/gm, '    ')
    const { groups } = parse(offered)
    expect(Object.keys(groups[0]).toSorted()).toEqual(
      keys.flatMap(({ path }) => /^groups\[\]\.([a-z_]+)$/.exec(path)?.[1] ?? []).toSorted(),
    )
    expect(settingsSchema.safeParse(parse(offered)).error).toBeUndefined()
  })
})

describe('config/trackerwatch.schema.json', () => {
  it('is the schema of the code (write it anew with `trackerwatch config schema`)', () => {
    const written = readFileSync(new URL('trackerwatch.schema.json', folder), 'utf8')
    expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(configJsonSchema())))
  })
})

describe('README.md', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const examples = [...readme.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, example = '']) => example)

  it('has examples that are valid configurations', () => {
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect(settingsSchema.safeParse(parse(example)).error).toBeUndefined()
  })

  it('says of every key of policy that a group may have what it costs', () => {
    const [, section = ''] = /^## Policy per group\n(.*?)^## /ms.exec(readme) ?? []
    const named = [...section.matchAll(/^\| `([a-z_0-9]+)` +\|[^|]+\|[^|]+\|[^|]+\|$/gm)].map(([, name]) => name)
    const about = ['name', 'trackers', 'file', 'sources', 'aliases']
    const own = keys.flatMap(({ path }) => /^groups\[\]\.([a-z_0-9]+)$/.exec(path)?.[1] ?? [])
    expect(named.toSorted()).toEqual(own.filter((key) => !about.includes(key)).toSorted())
  })
})

describe('config/trackers.txt', () => {
  const list = parseTrackerList(readFileSync(new URL('trackers.txt', folder), 'utf8'))

  it('holds 15 to 30 trackers and nothing else', () => {
    expect(list.problems).toEqual([])
    expect(list.trackers.length).toBeGreaterThanOrEqual(15)
    expect(list.trackers.length).toBeLessThanOrEqual(30)
  })

  it('has some for each protocol', () => {
    const found = new Set(list.trackers.map(({ tracker }) => tracker.scheme))
    expect(schemes.filter((scheme) => scheme !== 'ws' && !found.has(scheme))).toEqual([])
  })
})
