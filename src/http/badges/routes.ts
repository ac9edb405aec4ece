import { type Context, Hono } from 'hono'
import type { AppDeps } from '../deps.js'
import { type Badge, type BadgeStyle, badgeStyles, renderBadge, renderEndpoint } from './badge.js'
import { badgeNames, listBadge, trackerBadge } from './contents.js'

const MAX_LABEL_CHARACTERS = 64

/** `/badge/<id>/<what>.svg` and `/badge/list/<list>.svg`; the same as `.json` for shields.io. */
export function badgeRoutes(deps: AppDeps): Hono {
  const app = new Hono()
  app.get('/list/:file{[a-z]+\\.(?:svg|json)}', async (c) => {
    const [list, extension] = nameOf(c.req.param('file'))
    return answer(c, await listBadge(deps, list), extension)
  })
  app.get(`/:id{[^/]{1,100}}/:file{(?:${badgeNames.join('|')})\\.(?:svg|json)}`, async (c) => {
    const [name, extension] = nameOf(c.req.param('file'))
    const what = badgeNames.find((known) => known === name) ?? 'status'
    return answer(c, await trackerBadge(deps, what, c.req.param('id'), c.req.query('window')), extension)
  })
  return app
}

function nameOf(file: string): readonly [name: string, extension: string] {
  const dot = file.lastIndexOf('.')
  return [file.slice(0, dot), file.slice(dot + 1)]
}

function answer(c: Context, made: Badge, extension: string): Response {
  const badge = { ...made, label: labelOf(c) ?? made.label }
  if (extension === 'json') return c.body(renderEndpoint(badge), 200, { 'Content-Type': 'application/json' })
  return c.body(renderBadge(badge, styleOf(c)), 200, { 'Content-Type': 'image/svg+xml; charset=utf-8' })
}

/** Whole characters, so that none is cut in two. */
function labelOf(c: Context): string | null {
  const given = c.req.query('label')
  return given === undefined ? null : [...given.trim()].slice(0, MAX_LABEL_CHARACTERS).join('')
}

function styleOf(c: Context): BadgeStyle {
  const given = c.req.query('style') ?? ''
  return isBadgeStyle(given) ? given : 'flat'
}

function isBadgeStyle(text: string): text is BadgeStyle {
  return Object.hasOwn(badgeStyles, text)
}
