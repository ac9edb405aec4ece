import { createRoute, type z } from '@hono/zod-openapi'
import { problemSchema } from './problem.js'

interface RouteParts<Path extends string, Params extends z.ZodObject, Query extends z.ZodObject, Answer> {
  /** Below `/api/v1`. */
  readonly path: Path
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly params: Params
  readonly query: Query
  readonly answer: Answer
  readonly answerDescription: string
  /** Path and query below `/api/v1`, to try. */
  readonly example: string
}

/** A route that answers JSON, with what all of them have in common. */
export function jsonRoute<
  const Path extends string,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Answer extends z.ZodType,
>(parts: RouteParts<Path, Params, Query, Answer>) {
  const { path, operationId, tag, summary, description, params, query, answer, answerDescription, example } = parts
  const hasParams = Object.keys(params.shape).length > 0
  return createRoute({
    method: 'get',
    path,
    operationId,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    request: { params, query },
    ...exampleOf(example),
    responses: {
      200: { description: answerDescription, content: { 'application/json': { schema: answer } } },
      304: { description: 'Nothing has changed since the answer whose ETag was sent as If-None-Match.' },
      400: problem('A parameter is unknown, wrong or given twice. All of them are named.'),
      ...(hasParams ? { 404: problem('There is no such thing.') } : {}),
      500: problem('The monitor could not answer; its log says why.'),
    },
  })
}

/** Of an operation, for the page that shows the document. */
export function exampleOf(path: string) {
  return { 'x-example': `/api/v1${path}` }
}

export function problem(description: string) {
  return { description, content: { 'application/problem+json': { schema: problemSchema } } }
}
