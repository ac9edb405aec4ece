import { Hono } from 'hono'
import { usableIn } from '../export/format.js'
import { formatNames, formatOfExtension, formats } from '../export/formats.js'
import { isListName, listNames, select } from '../tracker/select.js'
import type { AppDeps } from './deps.js'
import { readForLists } from './list-context.js'
import { plain } from './plain.js'
import { parseFilters, quote } from './query.js'

/** `/lists/<list><extension>`: every list in every format, with filters. */
export function listRoutes(deps: AppDeps): Hono {
  return new Hono().get('/:file{[^/]+}', async (c) => {
    const file = c.req.param('file')
    const dot = file.indexOf('.')
    const list = dot === -1 ? file : file.slice(0, dot)
    const format = formatOfExtension(dot === -1 ? '' : file.slice(dot))
    if (!isListName(list)) return plain(c, `no list ${quote(list)}, expected one of ${listNames.join(', ')}\n`, 404)
    if (format === null) {
      const known = formatNames.map((name) => `${list}${formats[name].extension}`)
      return plain(c, `no list file ${quote(file)}, expected one of ${known.join(', ')}\n`, 404)
    }
    const { filters, problem } = parseFilters(new URL(c.req.url).searchParams)
    if (problem !== undefined) return plain(c, `${problem}\n`, 400)
    const { entries, context } = await readForLists(deps)
    const chosen = select(entries, usableIn(formats[format], { ...filters, list }), context)
    return c.body(formats[format].render(chosen), 200, { 'Content-Type': formats[format].contentType })
  })
}
