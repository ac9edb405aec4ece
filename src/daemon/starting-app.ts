import { securityHeaders } from '../http/security-headers.js'

/** What the port answers until the store is open: a migration of a large database takes its time. */
export const startingApp = startingAppThat('trackerwatch is starting')

/** The same with another sentence, without a full stop. */
export function startingAppThat(sentence: string) {
  return {
    fetch: (request: Request): Response => {
      const alive = new URL(request.url).pathname === '/-/healthy'
      return answer(alive ? 200 : 503, alive ? 'ok' : sentence, { 'Retry-After': '5' })
    },
  }
}

/** Whether we are ready and alive, once the monitor runs; null to any other question. */
export function readyAnswer({ method, url }: Request): Response | null {
  if (method !== 'GET' && method !== 'HEAD') return null
  const { pathname } = new URL(url)
  if (pathname === '/-/healthy') return answer(200, 'ok')
  return pathname === '/-/ready' ? answer(200, 'ready') : null
}

function answer(status: number, sentence: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${sentence}\n`, {
    status,
    headers: {
      ...securityHeaders,
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      ...headers,
    },
  })
}
