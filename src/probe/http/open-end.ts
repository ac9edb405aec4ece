import type { IncomingMessage } from 'node:http'
import { isWholeDictionary } from '../../bittorrent/http-announce.js'
import { MAX_BODY_BYTES } from './body.js'

/** What may be looked at of one body, all looks together: it may come in very many pieces. */
const MAX_LOOKED_AT_BYTES = 4 * MAX_BODY_BYTES

/**
 * Whether nothing says where the body ends, not even the end of the connection: no length, no chunks, and a server that
 * may keep the connection open (RFC 9112, 6.3 and 9.3). Its answer ends where its dictionary does.
 */
export function isOpenEnded({ httpVersion, headers }: IncomingMessage): boolean {
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) return false
  const connection = headers.connection?.toLowerCase() ?? ''
  return httpVersion === '1.0' ? connection.includes('keep-alive') : !connection.includes('close')
}

/** Tells, each time more of such a body has come, whether it is one whole dictionary by now. */
export function createWholeness(): (chunks: readonly Buffer[], length: number) => boolean {
  let looked = 0
  return (chunks, length) => {
    looked += length
    return looked <= MAX_LOOKED_AT_BYTES && isWholeDictionary(Buffer.concat(chunks))
  }
}
