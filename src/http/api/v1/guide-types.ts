/** JSON Schema → words for people. */

/** What of it our document uses. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: unknown
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

/** A type with, in its middle, the name of a schema that the page tells about. */
export interface TypeShown {
  readonly before: string
  readonly schema: string | null
  readonly after: string
}

export interface FieldShown {
  readonly name: string
  readonly type: TypeShown
  readonly meaning: string
}

const REFERENCE = '#/components/schemas/'

export function typeOf(schema: Schema): TypeShown {
  if (schema.$ref !== undefined) {
    return { before: '', schema: schema.$ref.slice(REFERENCE.length), after: '' }
  }
  const parts = schema.anyOf ?? schema.allOf
  if (parts !== undefined) return joined(parts, schema.anyOf === undefined)
  const types = [schema.type ?? 'any'].flat()
  const nullable = types.includes('null') ? ' or null' : ''
  if (types.includes('array')) {
    const items = typeOf(schema.items ?? {})
    return { before: `array of ${items.before}`, schema: items.schema, after: `${items.after}${nullable}` }
  }
  return plain(`${words(schema, types.filter((type) => type !== 'null').join(' or '))}${nullable}`)
}

/** Of alternatives the one that is not null, with its name; of parts that all hold the first. */
function joined(parts: readonly Schema[], isFirst: boolean): TypeShown {
  const [first, ...rest] = parts.filter(({ type }) => type !== 'null')
  if (first === undefined) return plain('null')
  const nullable = !isFirst && rest.length + 1 < parts.length ? ' or null' : ''
  const { before, schema, after } = typeOf(first)
  return { before, schema, after: `${after}${nullable}` }
}

function words(schema: Schema, type: string): string {
  if (type === 'object') {
    const [value] = Object.values(schema.properties ?? {})
    return hasOwnFields(schema) || value === undefined ? 'object' : `object of ${typeOf(value).before}`
  }
  const { minimum, maximum, format, default: usual } = schema
  const kind = schema.enum?.map(String).join(' | ') ?? (format === undefined ? type : `${type} (${format})`)
  const range =
    minimum === undefined ? '' : maximum === undefined ? `, ${minimum} or more` : `, ${minimum} to ${maximum}`
  return `${kind}${range}${usual === undefined ? '' : `, default ${usual}`}`
}

/** The fields of an object, with those of the objects in it that have no name of their own. */
export function fieldsOf(schema: Schema, meaningOf: (name: string) => string, prefix = ''): readonly FieldShown[] {
  if (!hasOwnFields(schema)) return []
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const name = `${prefix}${key}`
    const type = typeOf(value)
    const meaning = value.description ?? (type.schema === null ? '' : meaningOf(type.schema))
    const inner = value.items ?? value
    return [{ name, type, meaning }, ...fieldsOf(inner, meaningOf, inner === value ? `${name}.` : `${name}[].`)]
  })
}

/** Not where every word of a closed list is a key, with the same kind of value. */
function hasOwnFields(schema: Schema): boolean {
  return Object.values(schema.properties ?? {}).some(
    (value) => value.description !== undefined || value.$ref !== undefined,
  )
}

function plain(text: string): TypeShown {
  return { before: text, schema: null, after: '' }
}
