import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { type RowFile, rowFiles, textOfRows } from '../../../export/row-text.js'
import { toldWindow } from '../../../export/told-window.js'
import type { TransferRow } from '../../../store/transfer.js'
import { maskText, maskUrl } from '../../../tracker/mask.js'
import { parseTracker, type Tracker } from '../../../tracker/tracker.js'
import type { ApiDeps, ApiStore } from './deps.js'
import { createSlots, streamOf, whileAwaited } from './export-stream.js'
import { parameter, parameters } from './parameters.js'
import { ProblemError, parameterProblemOf, parametersProblem } from './problem.js'
import { exampleOf, problem } from './routes.js'
import { fromParameter, toParameter, windowOf } from './window.js'

const AT_ONCE = 2
const RETRY_AFTER_S = 10
const STALL_MS = 30_000
const MOST_TRACKERS = 100

const someTrackers = parameter<readonly string[]>({
  description: `Only these trackers, by id: at most ${MOST_TRACKERS}, separated by commas. Default: all, those that are watched no more included.`,
  expected: `1 to ${MOST_TRACKERS} ids of 12 hex digits, separated by commas`,
  schema: { type: 'array', items: { type: 'string' } },
  parse: (text) => {
    const ids = text.split(',')
    return ids.length <= MOST_TRACKERS && ids.every((id) => /^[0-9a-f]{12}$/.test(id)) ? ids : null
  },
}).optional()

const names = rowFiles.map(({ name }) => name)
const content = Object.fromEntries(
  rowFiles.map(({ contentType }) => [contentType.split(';')[0] ?? contentType, { schema: z.string() }]),
)

const route = createRoute({
  method: 'get',
  path: '/export/{file}',
  operationId: 'exportRows',
  tags: ['Export'],
  summary: 'The history itself, row by row',
  description: `The rows of "trackerwatch db export", as one JSON object per line (ndjson) or as a table (csv, RFC 4180): checks by time, the rest by URL and then by time. Hours and days are those that lie in the window as a whole; events are trackers, former URLs, addresses, changes of status and gaps.

Passkeys and passwords in URLs and messages are replaced by ***, so trackers that differ in nothing else cannot be told apart here. Use the command for a copy that is to be imported.

A text that a spreadsheet would take for a formula, as trackers may send it, has an apostrophe in front in csv; "trackerwatch db import" takes it away again.

The answer is a stream of any length, without ETag and not compressed. Should the monitor stop meanwhile, it breaks off. At most ${AT_ONCE} exports run at once, and a reader that takes nothing for ${STALL_MS / 1000} s is cut off.`,
  request: {
    params: z.object({
      file: z.enum(names).openapi({ description: 'What to export, and as what.', example: 'checks.ndjson' }),
    }),
    query: parameters({ from: fromParameter, to: toParameter, tracker: someTrackers }),
  },
  ...exampleOf('/export/checks.ndjson?from=2026-11-22&to=2026-11-23'),
  responses: {
    200: { description: 'The rows.', content },
    400: problem('A parameter is unknown, wrong or given twice. All of them are named.'),
    404: problem('There is no such export.'),
    429: problem('Too many exports were asked for from this address; Retry-After says when to try again.'),
    500: problem('The monitor could not answer; its log says why.'),
    503: problem('Too many exports are running; Retry-After says in how many seconds to try again.'),
  },
})

/** `/export/:file` */
export function addExports(api: OpenAPIHono, { store, now, log }: ApiDeps): void {
  const slots = createSlots(AT_ONCE)
  const onError = (error: unknown): void => log?.error({ err: error }, 'export broke off')
  api.openapi(route, async (c) => {
    const { from, to, tracker: ids } = c.req.valid('query')
    const file = fileOf(c.req.valid('param').file)
    const at = now()
    const window = toldWindow(file.kind, windowOf({ from, to }, at), at)
    const urls = ids === undefined ? undefined : await urlsOf(store, ids)
    const headers = {
      'Content-Type': file.contentType,
      'Content-Disposition': `attachment; filename="trackerwatch-${file.name}"`,
      'Cache-Control': 'no-store, no-transform',
    }
    if (c.req.method === 'HEAD') return new Response(null, { headers })
    const onEnd = slots.take()
    if (onEnd === null) {
      throw new ProblemError('busy', `${AT_ONCE} exports are running already, expected fewer: try again later`, {
        headers: { 'Retry-After': String(RETRY_AFTER_S) },
      })
    }
    const { signal } = c.req.raw
    try {
      const rows = whileAwaited(store.export(file.kind, window, urls), signal)
      const texts = textOfRows(masked(rows), file.textOf(file.kind))
      // The first piece before the answer: what fails at once is told as a problem.
      const whole = continued(await texts.next(), texts)
      // Nobody may be left who would read or give up the answer.
      if (signal.aborted) onEnd()
      return new Response(streamOf(whole, { onEnd, onError, stallMs: STALL_MS }), { headers })
    } catch (error) {
      onEnd()
      throw error
    }
  })
}

async function* continued(first: IteratorResult<string, void>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (first.done === true) return
  yield first.value
  yield* rest
}

function fileOf(name: string): RowFile {
  const file = rowFiles.find((known) => known.name === name)
  if (file === undefined) throw new Error(`there is no export file ${name}`)
  return file
}

async function urlsOf(store: ApiStore, ids: readonly string[]): Promise<readonly string[]> {
  const states = await Promise.all(ids.map((id) => store.find(id)))
  const missing = ids.filter((_, index) => states[index] === null)
  if (missing.length > 0) {
    throw parametersProblem([parameterProblemOf('tracker', missing.join(','), 'expected ids of trackers')])
  }
  return [...new Set(states.flatMap((state) => state?.tracker.url ?? []))]
}

async function* masked(rows: AsyncIterable<TransferRow>): AsyncGenerator<TransferRow> {
  const trackers = new Map<string, Tracker | undefined>()
  for await (const row of rows) {
    if (!trackers.has(row.url)) trackers.set(row.url, parseTracker(row.url).tracker)
    yield maskedRow(row, trackers.get(row.url))
  }
}

function maskedRow(row: TransferRow, tracker: Tracker | undefined): TransferRow {
  const url = maskUrl(row.url)
  switch (row.type) {
    case 'check':
    case 'change':
      return {
        ...row,
        url,
        message: row.message === null || tracker === undefined ? null : maskText(row.message, tracker),
      }
    case 'alias':
      return { ...row, url, alias: maskUrl(row.alias) }
    default:
      return { ...row, url }
  }
}
