import { Hono } from 'hono'
import { type ListName, select } from '../../tracker/select.js'
import { ListsPage } from './lists-page.js'
import { type PageParts, page } from './page.js'

/** `/lists/` */
export function listsPageRoutes({ deps, site }: PageParts): Hono {
  const app = new Hono()
  app.get('/lists', (c) => c.redirect('/lists/', 301))
  app.get('/lists/', async (c) => {
    const at = deps.now()
    const rules = deps.listRules()
    const entries = await deps.store.entries(at)
    const sizeOf = (list: ListName) => select(entries, { list, order: 'uptime' }, { rules, at }).length
    return page(c, 200, <ListsPage site={site()} rules={rules} sizeOf={sizeOf} />)
  })
  return app
}
