import type { z } from '@hono/zod-openapi'
import { parameterProblemOf, parametersProblem } from './problem.js'

/** Places in a list, opaque to their readers: by what a row is and not by how many stood before it. */
export interface Cursor<T> {
  readonly encode: (place: T) => string
  /** @throws {ProblemError} for text that it never made */
  readonly decode: (text: string) => T
}

/** `kind` tells the cursors of different lists apart. */
export function cursorOf<T>(kind: string, schema: z.ZodType<T>): Cursor<T> {
  const encode = (place: T): string => Buffer.from(JSON.stringify([kind, place])).toString('base64url')
  return {
    encode,
    decode(text) {
      const place = schema.safeParse(placeOf(text))
      // What is encoded again the same way is of this kind, and nothing is left out or added.
      if (place.success && encode(place.data) === text) return place.data
      throw parametersProblem([parameterProblemOf('cursor', text, 'expected the cursor of a "next" link of this list')])
    },
  }
}

function placeOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return Array.isArray(value) ? value[1] : undefined
  } catch {
    return undefined // no JSON, and so none of ours
  }
}
