/** A bare node:http server that sends the same bytes for every request; tells its port. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FloorTask {
  readonly headers: Readonly<Record<string, string>>
  /** Base64. */
  readonly body: string
}

process.once('message', ({ headers, body }: FloorTask) => {
  const bytes = Buffer.from(body, 'base64')
  const server = createServer((_request, response) => {
    response.writeHead(200, headers)
    response.end(bytes)
  })
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
})
process.once('disconnect', () => process.exit(0))
