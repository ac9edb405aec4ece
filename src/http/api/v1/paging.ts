import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { parameter, wholeNumber } from './parameters.js'

const DEFAULT_LIMIT = 100
const MAX_CURSOR = 2000

export const limitParameter = wholeNumber({ min: 1, max: 1000 }, 'Most items of an answer.')
  .default(DEFAULT_LIMIT)
  .openapi({
    default: DEFAULT_LIMIT,
  })

export const cursorParameter = parameter<string>({
  description: 'Where to go on: the cursor of a "next" link, as it is.',
  expected: 'the cursor of a "next" link',
  schema: { type: 'string', maxLength: MAX_CURSOR },
  parse: (text) => (text !== '' && text.length <= MAX_CURSOR ? text : null),
}).optional()

/** Items with the way to the next ones. */
export function pageOf<T extends z.ZodType>(item: T, description: string) {
  return z.strictObject({
    items: z.array(item).openapi({ description }),
    next: z.string().nullable().openapi({
      description: 'Path and query of the next items, also in the Link header; null at the end.',
    }),
  })
}

interface Page<T> {
  readonly items: T[]
  readonly next: string | null
}

/** `rows` has one more than the page where there are more. */
export function pageAnswer<Row, T>(
  c: Context,
  rows: readonly Row[],
  { limit, itemOf, cursorOf }: { limit: number; itemOf: (row: Row) => T; cursorOf: (row: Row) => string },
): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const next = last === undefined || rows.length <= limit ? null : nextOf(c, cursorOf(last))
  if (next !== null) c.header('Link', `<${next}>; rel="next"`)
  return { items: shown.map(itemOf), next }
}

function nextOf(c: Context, place: string): string {
  const { pathname, searchParams } = new URL(c.req.url)
  searchParams.set('cursor', place)
  return `${pathname}?${searchParams.toString()}`
}
