import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'
import { plain } from './plain.js'

/** Two levels below the package root, from `src` as from `dist`. */
const FOLDER = fileURLToPath(new URL('../../docs/runbooks', import.meta.url))

/**
 * `/docs/runbooks/ALERT`: what to do about an alert, where its `runbook_url` points. Served by the monitor itself, so that
 * the text is that of the version that runs, and nobody needs the internet to read it. Read once.
 */
export function runbookRoutes(): Hono {
  const texts = readRunbooks()
  const app = new Hono()
  app.get('/', (c) => plain(c, [...texts.keys()].map((name) => `${new URL(c.req.url).pathname}/${name}\n`).join('')))
  app.get('/:alert', (c) => {
    const text = texts.get(c.req.param('alert'))
    return text === undefined ? c.notFound() : plain(c, text)
  })
  return app
}

/** By the name of the alert, in the order of the alphabet. */
function readRunbooks(): ReadonlyMap<string, string> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.md'))
  return new Map(
    files.toSorted().map((file) => [file.slice(0, -'.md'.length), readFileSync(join(FOLDER, file), 'utf8')]),
  )
}
