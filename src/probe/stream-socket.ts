import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { sanitiseText } from '../bittorrent/rejection.js'
import type { AbortSignalLike } from './deadline.js'
import { type Exchange, enterPhase } from './exchange.js'
import type { Target } from './prober.js'

/** One context for all probes: building it for each costs a third of a handshake. Made when first needed. */
let sharedContext: SecureContext | undefined

/**
 * An established TCP connection to the target, with TLS where its scheme asks for it, each in its own phase. The
 * caller destroys it. Rejects at once, with the signal's reason, when the exchange is aborted.
 */
export async function openStream(target: Target, exchange: Exchange): Promise<Socket> {
  enterPhase(exchange, 'connect')
  const socket = connectTcp({ host: target.address, port: target.tracker.port, family: target.family, noDelay: true })
  neverUncaught(socket)
  await established(socket, socket, 'connect', exchange.signal)
  const { scheme } = target.tracker
  return scheme === 'https' || scheme === 'wss' ? secure(socket, target, exchange) : socket
}

async function secure(socket: Socket, target: Target, exchange: Exchange): Promise<TLSSocket> {
  enterPhase(exchange, 'tls')
  sharedContext ??= createSecureContext()
  const { host } = target.tracker
  const secured = connectTls({
    socket,
    secureContext: sharedContext,
    ALPNProtocols: ['http/1.1'],
    // Judged below, so that a refused certificate still tells when it ends.
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : { host }),
  })
  neverUncaught(secured)
  await established(secured, socket, 'secureConnect', exchange.signal)
  const { valid_to: end, subjectaltname: names = '(none)' } = secured.getPeerCertificate()
  const validTo = Date.parse(end)
  if (!Number.isNaN(validTo)) exchange.certificateExpiresAt ??= new Date(validTo)
  if (secured.authorized) return secured
  const code = String(secured.authorizationError)
  const told = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? `${code}, its names are ${sanitiseText(names)}` : code
  const error = Object.assign(new Error(`certificate of ${host} refused: ${told}`), { code })
  secured.destroy()
  throw error
}

/** A socket may fail after everybody has turned away from it. */
function neverUncaught(socket: Socket): void {
  socket.on('error', () => {})
}

/** Waits for `event`; on failure or abort both sockets are destroyed. */
function established(
  socket: Socket,
  carrier: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignalLike,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const clear = (): void => {
      signal.removeEventListener('abort', onAbort)
      socket.off(event, onEvent)
      socket.off('error', onError)
      socket.off('close', onClose)
    }
    const fail = (error: unknown): void => {
      clear()
      socket.destroy()
      carrier.destroy()
      reject(error)
    }
    const onEvent = (): void => {
      clear()
      resolve()
    }
    const onError = (error: Error): void => fail(error)
    const onClose = (): void => fail(Object.assign(new Error('connection closed'), { code: 'ECONNRESET' }))
    const onAbort = (): void => fail(signal.reason)
    socket.once(event, onEvent)
    socket.once('error', onError)
    socket.once('close', onClose)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
