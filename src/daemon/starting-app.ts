import { securityHeaders } from '../http/security-headers.js'

/** What the port answers until the store is open: a migration of a large database takes its time. */
export const startingApp = startingAppThat('trackerwatch is starting')

/** The same with another sentence, without a full stop. */
export function startingAppThat(sentence: string) {
  return {
    fetch: (request: Request): Response => {
      const alive = new URL(request.url).pathname === '/-/healthy'
      return new Response(alive ? 'healthy\n' : `${sentence}\n`, {
        status: alive ? 200 : 503,
        headers: { ...securityHeaders, 'Content-Type': 'text/plain; charset=utf-8', 'Retry-After': '5' },
      })
    },
  }
}
