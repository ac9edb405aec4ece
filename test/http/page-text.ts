import { expect } from 'vitest'
import type { appOver } from './support.js'

/** The markup of a page that must be there. */
export async function markupOf(app: ReturnType<typeof appOver>, path: string): Promise<string> {
  const response = await app.request(path)
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=UTF-8'])
  return response.text()
}

/** What a reader sees of the markup, one space between the pieces; what a drawing says is not seen. */
export function textOf(markup: string): string {
  return markup
    .replace(/<svg.*?<\/svg>/gs, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
