import type { Context } from 'hono'
import type { AppDeps } from './deps.js'

/** What went wrong inside is for the log alone: whoever asked is told that it did. */
export function logFailure({ log }: Pick<AppDeps, 'log'>, error: Error, c: Context): void {
  log?.error({ err: error, method: c.req.method, path: c.req.path }, 'request failed')
}
