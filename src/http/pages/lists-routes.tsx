import { Hono } from 'hono'
import { usableIn } from '../../export/format.js'
import { formats } from '../../export/formats.js'
import { type ListName, select } from '../../tracker/select.js'
import { readForLists } from '../list-context.js'
import { siteUrl } from '../site-url.js'
import { LIST_CHANGES_SHOWN } from './lists-changes.js'
import { ListsPage } from './lists-page.js'
import { parseListChoice } from './lists-query.js'
import { type PageParts, page } from './page.js'

/** `/lists/` */
export function listsPageRoutes({ deps, site }: PageParts): Hono {
  const app = new Hono()
  app.get('/lists', (c) => c.redirect(`/lists/${new URL(c.req.url).search}`, 301))
  app.get('/lists/', async (c) => {
    const choice = parseListChoice(new URL(c.req.url).searchParams)
    const { entries, context } = await readForLists(deps)
    const { rules, at } = context
    const always = { from: new Date(0), to: new Date(at.getTime() + 1) }
    const changes = await deps.store.listChanges(choice.list, always, LIST_CHANGES_SHOWN)
    const sizeOf = (list: ListName) => select(entries, { list, order: 'uptime' }, context).length
    const criteria = usableIn(formats[choice.format], { ...choice.filters, list: choice.list })
    const chosen = choice.problem === null ? select(entries, criteria, context) : []
    const props = { rules, choice, chosen, sizeOf, changes, now: at, siteUrl: siteUrl(c, deps) }
    return page(c, choice.problem === null ? 200 : 400, <ListsPage {...props} site={site()} />)
  })
  return app
}
