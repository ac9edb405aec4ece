import { z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { quote } from '../../query.js'

/** What can go wrong with a request, as `application/problem+json` (RFC 9457). */

const kinds = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  forbidden: { status: 403, title: 'The request is refused' },
  'not-found': { status: 404, title: 'There is nothing at this address' },
  'method-not-allowed': { status: 405, title: 'The method is not possible here' },
  'too-large': { status: 413, title: 'The request is too large' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'trackerwatch could not answer' },
  busy: { status: 503, title: 'Too much is going on' },
} as const
export type ProblemKind = keyof typeof kinds
const kindNames = Object.keys(kinds) as readonly ProblemKind[]

/** For the page: `name` is the anchor at which a `type` points. */
export const problemKinds = kindNames.map((name) => ({ name, ...kinds[name] }))

const parameterProblem = z
  .strictObject({
    parameter: z.string().openapi({ description: 'Name of the parameter.' }),
    detail: z.string().openapi({ description: 'Its value and what was expected.' }),
  })
  .openapi('ParameterProblem', { description: 'What is wrong with one parameter.' })
export type ParameterProblem = z.infer<typeof parameterProblem>

export const problemSchema = z
  .strictObject({
    type: z.string().openapi({
      description: `Names the kind of problem, relative to this site: one of ${kindNames.map(typeOf).join(', ')}.`,
    }),
    title: z.string().openapi({ description: 'The kind of problem for people, always the same text for a type.' }),
    status: z.int().min(400).max(599).openapi({ description: 'The HTTP status of the answer.' }),
    detail: z.string().openapi({ description: 'What is wrong with this request: what, its value, what was expected.' }),
    errors: z
      .array(parameterProblem)
      .optional()
      .openapi({ description: 'All parameters that are wrong, where parameters are.' }),
  })
  .openapi('Problem', { description: 'Why a request was not answered (RFC 9457).' })
type Problem = z.infer<typeof problemSchema>

/** Ends a request with a problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly kind: ProblemKind
  readonly errors: readonly ParameterProblem[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    kind: ProblemKind,
    detail: string,
    rest: { errors?: readonly ParameterProblem[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail)
    this.kind = kind
    this.errors = rest.errors ?? []
    this.headers = rest.headers ?? {}
  }
}

export function problemAnswer(c: Context, { kind, message, errors, headers }: ProblemError): Response {
  const { status, title } = kinds[kind]
  const problem: Problem = {
    type: typeOf(kind),
    title,
    status,
    detail: message,
    ...(errors.length === 0 ? {} : { errors: [...errors] }),
  }
  return c.body(`${JSON.stringify(problem)}\n`, status, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...headers,
  })
}

/** What is refused before it comes to a route, and so in plain text, is a problem too. */
export const plainTextAsProblem: MiddlewareHandler = async (c, next) => {
  await next()
  const { status, headers } = c.res
  if (status < 400 || headers.get('Content-Type')?.startsWith('text/plain') !== true) return
  const kind =
    kindNames.find((name) => kinds[name].status === status) ?? (status < 500 ? 'invalid-request' : 'internal')
  const kept = ['Allow', 'Retry-After'].flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  const detail = (await c.res.text()).trim()
  c.res = undefined
  c.res = problemAnswer(c, new ProblemError(kind, detail, { headers: Object.fromEntries(kept) }))
}

export function parametersProblem(errors: readonly ParameterProblem[]): ProblemError {
  return new ProblemError('invalid-request', errors.map(({ detail }) => detail).join('; '), { errors })
}

export function parameterProblemOf(name: string, value: string, expected: string): ParameterProblem {
  return { parameter: name, detail: `parameter "${name}" is ${quote(value)}, ${expected}` }
}

/** What zod found wrong with the query parameters of a request, all of it. */
export function queryProblem(error: z.ZodError, given: Readonly<Record<string, readonly string[]>>): ProblemError {
  const errors = error.issues.flatMap((issue): ParameterProblem[] => {
    if (issue.code === 'unrecognized_keys') {
      const { keys, message } = issue
      return keys.map((name) => ({ parameter: name, detail: `unknown parameter ${quote(name)}, ${message}` }))
    }
    const name = String(issue.path[0] ?? '')
    const values = given[name] ?? []
    if (values.length > 1) return [{ parameter: name, detail: `parameter "${name}" is given twice, expected once` }]
    return [parameterProblemOf(name, values[0] ?? '', issue.message)]
  })
  return parametersProblem(errors)
}

function typeOf(kind: string): string {
  return `/api/v1/#${kind}`
}
