import { Hono } from 'hono'
import type { AppDeps } from './deps.js'
import { plain } from './plain.js'

/** What an orchestrator and an operator call: `/-/healthy`, `/-/ready`, `/-/reload`. */
export function operationRoutes(deps: AppDeps): Hono {
  const app = new Hono()
  app.get('/healthy', (c) => plain(c, 'ok\n'))
  app.get('/ready', (c) => {
    const { ready, detail } = deps.ready()
    return plain(c, `${detail}\n`, ready ? 200 : 503)
  })
  app.post('/reload', async (c) => {
    if (isCrossSite(c.req.raw)) return plain(c, 'reload refused: the request comes from another web site\n', 403)
    const reloaded = await deps.reload()
    if (reloaded.ok) return plain(c, 'configuration reloaded\n')
    return plain(
      c,
      `configuration not reloaded, the previous one stays in force:\n${reloaded.problems.join('\n')}\n`,
      500,
    )
  })
  return app
}

/**
 * A browser that is on another site must not be able to press this button in its user's network. Programs such as
 * curl send neither header. Not only loopback: in a container even the host's own requests come from elsewhere.
 */
function isCrossSite(request: Request): boolean {
  const site = request.headers.get('Sec-Fetch-Site')
  if (site !== null && site !== 'same-origin' && site !== 'none') return true
  const origin = request.headers.get('Origin')
  if (origin === null) return false
  const host = request.headers.get('Host') ?? new URL(request.url).host
  return !URL.canParse(origin) || new URL(origin).host !== host
}
