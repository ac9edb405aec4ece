import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** A plain text answer, `c.text` with the content type spelt as every client expects it. */
export function plain(c: Context, text: string, status: ContentfulStatusCode = 200): Response {
  return c.body(text, status, { 'Content-Type': 'text/plain; charset=utf-8' })
}
