import { type Context, Hono } from 'hono'
import { maskUrl } from '../../tracker/mask.js'
import type { ListChange } from '../../tracker/membership.js'
import { isListName, type ListName, listNames, lists } from '../../tracker/select.js'
import { trackerId } from '../../tracker/state.js'
import type { AppDeps } from '../deps.js'
import { explainListChange } from '../list-change-words.js'
import { plain } from '../plain.js'
import { quote } from '../query.js'
import { siteUrl } from '../site-url.js'
import { atomContentType, renderAtom } from './atom.js'
import { type FeedEntry, permanentId, updatedOf } from './feed.js'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

/** `/lists/<list>/changes.atom` and `.json`: what entered and left a list, newest first. */
export function listChangeRoutes(deps: AppDeps): Hono {
  const app = new Hono()
  app.get('/:list/changes.atom', (c) => answer(c, deps, atom))
  app.get('/:list/changes.json', (c) => answer(c, deps, json))
  return app
}

interface Found {
  readonly list: ListName
  readonly changes: readonly ListChange[]
  readonly site: string
}

async function answer(c: Context, deps: AppDeps, render: (c: Context, found: Found) => Response): Promise<Response> {
  const list = c.req.param('list') ?? ''
  if (!isListName(list)) return plain(c, `no list ${quote(list)}, expected one of ${listNames.join(', ')}\n`, 404)
  const query = new URL(c.req.url).searchParams
  const limit = limitOf(query)
  if (limit === null) {
    return plain(
      c,
      `query ${quote(query.toString())}, expected at most limit, a whole number from 1 to ${MAX_LIMIT}\n`,
      400,
    )
  }
  const window = { from: new Date(0), to: new Date(deps.now().getTime() + 1) }
  const changes = await deps.store.listChanges(list, window, limit)
  return render(c, { list, changes, site: siteUrl(c, deps) })
}

function limitOf(query: URLSearchParams): number | null {
  const [[name, text] = ['limit', String(DEFAULT_LIMIT)], ...others] = [...query]
  const limit = name === 'limit' && others.length === 0 && /^\d{1,4}$/.test(text) ? Number(text) : 0
  return limit >= 1 && limit <= MAX_LIMIT ? limit : null
}

function json(c: Context, { list, changes }: Found): Response {
  const items = changes.map((change) => ({
    at: change.at.toISOString(),
    entered: change.entered,
    tracker: trackerId(change.url),
    url: maskUrl(change.url),
    reason: change.reason,
    because: explainListChange(change),
    uptime: change.uptime,
  }))
  return c.body(`${JSON.stringify({ list, changes: items }, null, 2)}\n`, 200, { 'Content-Type': 'application/json' })
}

function atom(c: Context, { list, changes, site }: Found): Response {
  const entries = changes.map((change) => entryOf(change, site))
  const { pathname, search } = new URL(c.req.url)
  const feed = renderAtom({
    id: permanentId('list', list),
    title: `List ${list} (${lists[list].title}): what entered and left – trackerwatch`,
    updated: updatedOf(entries),
    self: `${site}${pathname}${search}`,
    home: `${site}/lists/?list=${list}`,
    entries,
  })
  return c.body(feed, 200, { 'Content-Type': atomContentType })
}

function entryOf(change: ListChange, site: string): FeedEntry {
  const { list, url, at, entered } = change
  const id = trackerId(url)
  return {
    id: permanentId('list', list, id, String(at.getTime())),
    title: `${maskUrl(url)} ${entered ? 'entered' : 'left'} ${list}`,
    published: at,
    updated: at,
    summary: `${explainListChange(change)}.`,
    url: `${site}/tracker/${id}`,
  }
}
