import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import { favicon } from './favicon.js'
import { stylesheet } from './style.js'

export interface Assets {
  /** Changes with the content, so that it may be cached for ever. */
  readonly stylesheetPath: string
  readonly routes: Hono
}

/** The few files that the pages need, served from memory. */
export function createAssets(): Assets {
  const hash = createHash('sha256').update(stylesheet).digest('hex').slice(0, 10)
  const stylesheetPath = `/assets/style.${hash}.css`
  const routes = new Hono()
  routes.get(stylesheetPath, (c) =>
    c.body(stylesheet, 200, {
      'Content-Type': 'text/css; charset=utf-8',
      'Cache-Control': 'public, max-age=31536000, immutable',
    }),
  )
  for (const path of ['/favicon.svg', '/favicon.ico']) {
    routes.get(path, (c) =>
      c.body(favicon, 200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'public, max-age=86400' }),
    )
  }
  return { stylesheetPath, routes }
}
