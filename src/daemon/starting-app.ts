/** What the port answers until the store is open: a migration of a large database takes its time. */
export const startingApp = {
  fetch: (request: Request): Response => {
    const alive = new URL(request.url).pathname === '/-/healthy'
    return new Response(alive ? 'healthy\n' : 'trackerwatch is starting\n', {
      status: alive ? 200 : 503,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '5' },
    })
  },
}
