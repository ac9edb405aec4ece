import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { judgeCertificate } from './certificate.js'
import type { AbortSignalLike } from './deadline.js'
import { addFlag, type Exchange, enterPhase } from './exchange.js'
import { ProbeError, type Target } from './prober.js'
import { tlsEstablished } from './tls-trace.js'

/** One context for all probes: building it for each costs a third of a handshake. Made when first needed. */
let sharedContext: SecureContext | undefined

/**
 * An established TCP connection to the target, with TLS where its scheme asks for it, each in its own phase. The
 * caller destroys it. Rejects at once, with the signal's reason, when the exchange is aborted.
 */
export async function openStream(target: Target, exchange: Exchange): Promise<Socket> {
  enterPhase(exchange, 'connect')
  const { scheme, port } = target.tracker
  const isSecure = scheme === 'https' || scheme === 'wss'
  // A request goes out in one piece; only behind the end of a handshake it would be held back.
  const socket = connectTcp({ host: target.address, port, family: target.family, noDelay: isSecure })
  neverUncaught(socket)
  await established(socket, socket, 'connect', exchange.signal)
  exchange.trace?.({ kind: 'connected', address: target.address, port })
  return isSecure ? secure(socket, target, exchange) : socket
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
  const { expiresAt, faults, complaint } = judgeCertificate(secured, host)
  exchange.certificateExpiresAt ??= expiresAt
  exchange.trace?.(tlsEstablished(secured, faults))
  const [first] = faults
  if (first !== undefined && exchange.tls === 'strict') {
    secured.destroy()
    throw new ProbeError(first, `certificate of ${host} refused: ${complaint}`)
  }
  for (const fault of faults) addFlag(exchange, fault)
  return secured
}

/** A socket may fail after everybody has turned away from it. */
function neverUncaught(socket: Socket): void {
  socket.on('error', ignore)
}

function ignore(): void {}

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
    socket.on(event, onEvent)
    socket.on('error', onError)
    socket.on('close', onClose)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
