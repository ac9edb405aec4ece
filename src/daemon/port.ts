import { ListenError } from '../http/server.js'
import { writerOf } from '../store/open.js'

/** Why the port cannot be had: the same configuration started twice meets it before its database. Always rejects. */
export async function explainPort(error: unknown, store: string): Promise<never> {
  if (!(error instanceof ListenError)) throw error
  const writer = await writerOf(store).catch(() => null) // what is wrong with the store is told once the port is had
  if (writer === null) throw error
  throw new ListenError(`${error.message}. The database is in use by ${writer}: is it running already?`, {
    cause: error,
  })
}
