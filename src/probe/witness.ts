import { connect } from 'node:net'
import { type AbortSignalLike, DeadlineError, withDeadline } from './deadline.js'

/** A place that is always there, so that silence from it means that we have no way out. */
export interface Witness {
  /** IP address. */
  readonly host: string
  /** TCP, 1 to 65535. */
  readonly port: number
}

/** Both say that somebody is there and that packets go both ways. */
const ANSWERS = new Set(['ECONNREFUSED', 'ECONNRESET'])

/**
 * Whether the witness answers: it takes a connection, which is closed at once, or refuses one, within `timeoutMs`.
 * Rejects only with the signal's reason when it aborts.
 */
export async function askWitness(witness: Witness, timeoutMs: number, signal: AbortSignalLike): Promise<boolean> {
  try {
    return await withDeadline(timeoutMs, signal, (deadline) => isThere(witness, deadline))
  } catch (error) {
    if (error instanceof DeadlineError) return false
    throw error
  }
}

function isThere({ host, port }: Witness, signal: AbortSignalLike): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const onAbort = (): void => settle(() => reject(signal.reason))
    const settle = (finish: () => void): void => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      finish()
    }
    socket.once('connect', () => settle(() => resolve(true)))
    socket.on('error', ({ code }: NodeJS.ErrnoException) => settle(() => resolve(ANSWERS.has(code ?? ''))))
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
