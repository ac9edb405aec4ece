import { describe, expect, it } from 'vitest'
import { flagDegrades } from '../../../src/tracker/outcome.js'
import { appOver } from '../support.js'
import { bodyOf } from './support.js'

const app = appOver({ entries: [] })
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

type Json = Readonly<Record<string, unknown>>

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly parameters?: readonly { name: string; in: string; required?: boolean; description?: string; schema?: Json }[]
  readonly responses?: Readonly<Record<string, { description?: string; content?: Readonly<Record<string, Json>> }>>
}

interface Document {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Json>> }
}

async function read(): Promise<Document> {
  const answer = await app.request('/api/v1/openapi.json')
  expect(answer.headers.get('Content-Type')).toBe('application/json')
  return (await answer.json()) as Document
}

function operationsOf(document: Document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  )
}

/** Every object in it, with where it stands. */
function objectsIn(value: unknown, place = '#'): { place: string; value: Json }[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.entries(value).flatMap(([key, child]) => objectsIn(child, `${place}/${key}`))
  return Array.isArray(value) ? inner : [{ place, value: value as Json }, ...inner]
}

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1 of this version, with a promise', async () => {
    const { openapi, info, servers } = await read()
    expect(openapi).toMatch(/^3\.1\.\d+$/)
    expect(info).toMatchObject({ title: 'trackerwatch', version: '1.2.3' })
    expect(info.description).toContain('nothing is removed, renamed or given another meaning')
    expect(servers).toEqual([{ url: '/', description: 'This monitor.' }])
  })

  it('names each operation once, with a summary and a tag that there is', async () => {
    const document = await read()
    const operations = operationsOf(document)
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(operations.length).toBeGreaterThan(10)
    expect(ids).not.toContain(undefined)
    expect(new Set(ids).size).toBe(ids.length)
    const tags = document.tags.map(({ name }) => name)
    for (const { path, method, operation } of operations) {
      expect(METHODS, path).toContain(method)
      expect(operation.summary, path).toBeTruthy()
      expect(operation.tags?.length, path).toBe(1)
      expect(tags, path).toContain(operation.tags?.[0])
    }
    expect(tags.filter((tag) => !operations.some(({ operation }) => operation.tags?.includes(tag)))).toEqual([])
  })

  it('declares every parameter of a path as required, and no parameter twice', async () => {
    for (const { path, operation } of operationsOf(await read())) {
      const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
      const parameters = operation.parameters ?? []
      const declared = parameters.filter((parameter) => parameter.in === 'path')
      expect(declared.map(({ name }) => name).toSorted(), path).toEqual(inPath.toSorted())
      expect(
        declared.every(({ required }) => required === true),
        path,
      ).toBe(true)
      expect(new Set(parameters.map((parameter) => `${parameter.in} ${parameter.name}`)).size).toBe(parameters.length)
      for (const { name, description, schema } of parameters) {
        expect(description, `${path} ${name}`).toBeTruthy()
        expect(schema?.type ?? schema?.$ref, `${path} ${name}`).toBeTruthy()
      }
    }
  })

  it('describes every answer, and problems as such', async () => {
    for (const { path, operation } of operationsOf(await read())) {
      const answers = Object.entries(operation.responses ?? {})
      expect(answers.map(([status]) => status)).toEqual(expect.arrayContaining(['200', '400', '500']))
      for (const [status, { description, content }] of answers) {
        expect(status).toMatch(/^[1-5]\d\d$/)
        expect(description, `${path} ${status}`).toBeTruthy()
        if (Number(status) >= 400) expect(Object.keys(content ?? {})).toEqual(['application/problem+json'])
      }
    }
  })

  it('has what every reference points to, and points to every schema', async () => {
    const document = await read()
    const used = new Set<string>()
    for (const { place, value } of objectsIn(document)) {
      const { $ref: reference } = value
      if (typeof reference !== 'string') continue
      const name = /^#\/components\/schemas\/([\w.-]+)$/.exec(reference)?.[1] ?? ''
      expect(document.components.schemas, place).toHaveProperty([name])
      used.add(name)
    }
    expect([...used].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted())
  })

  it('has schemas whose parts fit together, each field with its meaning', async () => {
    const { components } = await read()
    for (const [name, schema] of Object.entries(components.schemas)) {
      expect(schema.description ?? name.endsWith('Page'), name).toBeTruthy()
    }
    for (const { place, value } of objectsIn(components.schemas)) {
      const { properties, required, type, enum: words } = value
      if (Array.isArray(required))
        expect(Object.keys(properties ?? {}), place).toEqual(expect.arrayContaining(required))
      if (type === 'array') expect(value.items, place).toBeTruthy()
      if (Array.isArray(words)) expect(new Set(words).size, place).toBe(words.length)
      // Nullable is not a word of 3.1.
      expect(value, place).not.toHaveProperty('nullable')
      if (place.endsWith('/properties')) expect(value, place).not.toHaveProperty('type', null)
    }
  })

  it('tells the closed lists in full, and null only where there may be null', async () => {
    const { schemas } = (await read()).components
    expect(schemas.Flag?.enum).toEqual(Object.keys(flagDegrades))
    for (const name of ['Status', 'Outcome', 'Reason', 'Flag', 'LastCheck', 'HistoryFigures']) {
      expect(JSON.stringify(schemas[name]?.type), name).not.toContain('null')
    }
  })

  it('closes no object, for fields are added', async () => {
    const closed = objectsIn(await read()).filter(({ value }) => value.additionalProperties === false)
    expect(closed.map(({ place }) => place)).toEqual([])
  })
})

describe('the page about the API', () => {
  const pageText = async (): Promise<string> => {
    const answer = await app.request('/api/v1/')
    expect(answer.headers.get('Content-Type')).toMatch(/^text\/html/)
    return answer.text()
  }

  it('is found without the slash too', async () => {
    const answer = await app.request('/api/v1')
    expect([answer.status, answer.headers.get('Location')]).toEqual([301, '/api/v1/'])
  })

  it('shows every operation with its parameters, answers and a command to try', async () => {
    const page = await pageText()
    for (const { path, operation } of operationsOf(await read())) {
      const start = page.indexOf(`id="${operation.operationId}"`)
      expect(start, path).toBeGreaterThan(0)
      const shown = page.slice(start, page.indexOf('</article>', start))
      expect(shown).toContain(`<code>${path}</code>`)
      expect(shown).toMatch(/curl &#39;http:\/\/localhost\/api\/v1\//)
      for (const { name } of operation.parameters ?? []) expect(shown, path).toContain(`<code>${name}</code>`)
      for (const status of Object.keys(operation.responses ?? {})) expect(shown).toContain(`<code>${status}</code>`)
    }
  })

  it('shows commands that work', async () => {
    const commands = [...(await pageText()).matchAll(/curl &#39;http:\/\/localhost([^<]+)&#39;/g)].map(
      ([, path = '']) => path.replaceAll('&amp;', '&'),
    )
    expect(commands.length).toBeGreaterThan(10)
    for (const path of commands) {
      const { status } = await app.request(path)
      expect({ path, status }).toEqual({ path, status: path.includes('0123456789ab') ? 404 : 200 })
    }
  })

  it('shows every schema, and has what its links and the types of problems point to', async () => {
    const page = await pageText()
    const anchors = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    const { schemas } = (await read()).components
    for (const name of Object.keys(schemas)) expect(anchors).toContain(`schema-${name}`)
    const links = [...page.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id)
    expect(links.filter((id) => !anchors.has(id))).toEqual([])
    for (const path of ['/api/v1/nothing', '/api/v1/trackers?x=1']) {
      const { type } = await bodyOf(await app.request(path))
      expect(anchors).toContain(type.replace('/api/v1/#', ''))
    }
  })

  it('needs nothing from elsewhere, no inline script and no inline style', async () => {
    const page = await pageText()
    expect(
      [...page.matchAll(/ src="([^"]+)"/g)].map(([, src]) => src).every((src) => src?.startsWith('/assets/')),
    ).toBe(true)
    expect(page).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/)
  })
})
