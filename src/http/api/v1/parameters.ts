import { z } from '@hono/zod-openapi'
import { parseMoment } from '../../../tracker/moment.js'

/** What JSON Schema says of a parameter's value. */
interface ValueSchema {
  readonly type: 'string' | 'integer' | 'number' | 'array'
  readonly format?: string
  readonly enum?: string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly items?: { type: 'string'; enum?: string[]; maxLength?: number }
}

interface Parameter<T> {
  readonly description: string
  /** Completes the sentence "expected …". */
  readonly expected: string
  readonly schema: ValueSchema
  readonly example?: string
  /** Text → value; null if it is not what was expected. */
  readonly parse: (text: string) => T | null
}

/** A query parameter: the same words describe it in the document and in the problem with a value that is none. */
export function parameter<T>({ description, expected, schema, example, parse }: Parameter<T>) {
  return z
    .string()
    .transform((text, context): T => {
      const value = parse(text)
      if (value !== null) return value
      context.addIssue({ code: 'custom', message: `expected ${expected}` })
      return z.NEVER
    })
    .openapi({
      ...schema,
      description,
      ...(example === undefined ? {} : { example }),
      ...(schema.type === 'array' ? { param: { style: 'form', explode: false } } : {}),
    })
}

/** The query parameters of a route. Others are refused: a filter with a typing error must not look like an answer. */
export function parameters<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape)
  const expected = names.length === 0 ? 'none is expected' : `expected ${names.join(', ')}`
  return z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? expected : undefined) })
}

export function oneOf<const T extends string>(words: readonly T[], description: string) {
  return parameter<T>({
    description,
    expected: `one of ${words.join(', ')}`,
    schema: { type: 'string', enum: [...words] },
    parse: (text) => words.find((word) => word === text) ?? null,
  })
}

/** Several words with commas between them, in the order of `words`, each once. */
export function someOf<const T extends string>(words: readonly T[], description: string) {
  return parameter<readonly T[]>({
    description: `${description} Several are separated by commas.`,
    expected: `one or several of ${words.join(', ')}, separated by commas`,
    schema: { type: 'array', items: { type: 'string', enum: [...words] } },
    parse: (text) => {
      const wanted = text.split(',')
      const known = words.filter((word) => wanted.includes(word))
      return wanted.length === known.length ? known : null
    },
  })
}

interface Bounds {
  readonly min: number
  readonly max: number
}

export function wholeNumber({ min, max }: Bounds, description: string) {
  return parameter<number>({
    description,
    expected: `a whole number from ${min} to ${max}`,
    schema: { type: 'integer', minimum: min, maximum: max },
    parse: (text) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
      return value >= min && value <= max ? value : null
    },
  })
}

const MAX_TEXT = 200

export function someText(description: string) {
  return parameter<string>({
    description,
    expected: `text of 1 to ${MAX_TEXT} characters`,
    schema: { type: 'string', maxLength: MAX_TEXT },
    parse: (text) => (text.length >= 1 && text.length <= MAX_TEXT ? text : null),
  })
}

export function moment(description: string) {
  return parameter<Date>({
    description,
    expected: 'a date such as 2026-11-22, or a moment with its zone such as 2026-11-22T10:00:00Z',
    schema: { type: 'string', format: 'date-time' },
    example: '2026-11-22T10:00:00Z',
    parse: parseMoment,
  })
}
