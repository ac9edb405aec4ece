import type { Context } from 'hono'
import type { AppDeps } from './deps.js'

/**
 * Where we are, for URLs that leave the site, without a trailing slash: as the operator says, or else as the request says,
 * which whoever sends it may say as they like. So never in what others get to read: answers are kept by their host.
 */
export function siteUrl(c: Context, { publicUrl }: Pick<AppDeps, 'publicUrl'>): string {
  return publicUrl() ?? new URL(c.req.url).origin
}
