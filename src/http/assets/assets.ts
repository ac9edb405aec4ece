import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'
import { favicon } from './favicon.js'
import { stylesheet } from './style.js'

export interface Assets {
  /**
   * Where a file is served. The folder's name changes with the content of any file, so that all may be cached for ever
   * and may import each other by their plain names.
   * @throws {Error} if there is no such file.
   */
  readonly path: (name: string) => string
  readonly routes: Hono
}

const contentTypes: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}

/** The few files that the pages need, read once and served from memory. */
export function createAssets(): Assets {
  const files = new Map([['style.css', stylesheet], ...clientScripts(), ...chartFiles()])
  const hash = createHash('sha256')
  for (const [name, content] of files) hash.update(`${name}\0${content}\0`)
  const folder = `/assets/${hash.digest('hex').slice(0, 10)}`
  const routes = new Hono()
  for (const [name, content] of files) {
    const contentType = contentTypes[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
    routes.get(`${folder}/${name}`, (c) =>
      c.body(content, 200, { 'Content-Type': contentType, 'Cache-Control': 'public, max-age=31536000, immutable' }),
    )
  }
  for (const path of ['/favicon.svg', '/favicon.ico']) {
    routes.get(path, (c) =>
      c.body(favicon, 200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'public, max-age=86400' }),
    )
  }
  const path = (name: string): string => {
    if (!files.has(name)) throw new Error(`there is no asset "${name}"`)
    return `${folder}/${name}`
  }
  return { path, routes }
}

/** What `src/http/client` is compiled to; three levels below the package root, from `src` as from `dist`. */
function clientScripts(): readonly [string, string][] {
  const folder = fileURLToPath(new URL('../../../dist/http/client', import.meta.url))
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.js'))
    return names.toSorted().map((name) => [name, readFileSync(join(folder, name), 'utf8')])
  } catch (cause) {
    throw new Error(`the scripts of the pages are not in ${folder}: run "npm run build"`, { cause })
  }
}

/** The chart library of a tracker's page, under the names by which our scripts import it. */
function chartFiles(): readonly [string, string][] {
  const { resolve } = createRequire(import.meta.url)
  const fileOf = (name: string): string => readFileSync(resolve(`uplot/dist/${name}`), 'utf8')
  return [
    ['uplot.js', fileOf('uPlot.esm.js')],
    ['uplot.css', fileOf('uPlot.min.css')],
  ]
}
