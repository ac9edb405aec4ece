import { type Context, Hono } from 'hono'
import { clientAddress, isLoopback } from './client-address.js'
import type { AppDeps } from './deps.js'
import { plain } from './plain.js'
import { isCrossSite, isNamedByAddress } from './same-site.js'
import { bearerToken, isToken } from './tokens.js'

/** What an orchestrator and an operator call: `/-/healthy`, `/-/ready`, `/-/reload`. */
export function operationRoutes(deps: AppDeps): Hono {
  const app = new Hono()
  app.get('/healthy', (c) => plain(c, 'ok\n'))
  app.get('/ready', (c) => {
    const { ready, detail } = deps.ready()
    return plain(c, `${detail}\n`, ready ? 200 : 503)
  })
  app.post('/reload', async (c) => {
    const refused = refuseReload(c, deps.token())
    if (refused !== null) return refused
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

/** With a token, whoever has it may reload; without one, programs of this machine and pages of our own. */
function refuseReload(c: Context, token: string | null): Response | null {
  if (isCrossSite(c.req.raw)) return plain(c, 'reload refused: the request comes from another web site\n', 403)
  if (token !== null) {
    if (isToken(bearerToken(c.req.raw), token)) return null
    c.header('WWW-Authenticate', 'Bearer realm="trackerwatch"')
    return plain(c, 'reload refused: expected the "token" of the configuration as Authorization: Bearer TOKEN\n', 401)
  }
  if (isLoopback(clientAddress(c)) && isNamedByAddress(c.req.raw)) return null
  return plain(
    c,
    'reload refused: without "token" in the configuration it is taken from this machine alone, at an address or as localhost\n',
    403,
  )
}
