import type { IncomingMessage } from 'node:http'
import WebSocket, { type ClientOptions, type RawData } from 'ws'
import {
  decodeWsMessage,
  decodeWsScrape,
  encodeWsAnnounce,
  encodeWsScrape,
  WsMessageError,
} from '../bittorrent/ws-messages.js'
import { bracketed, type Tracker } from '../tracker/tracker.js'
import { type Exchange, endPhase, enterPhase } from './exchange.js'
import { basicAuthorization, hostHeader } from './http/request.js'
import { requestSent, responseReceived } from './http/trace.js'
import {
  type AnnounceRequest,
  type Answer,
  ProbeError,
  type Protocol,
  type ScrapeAnswer,
  type ScrapeRequest,
  type Target,
} from './prober.js'
import { openStream } from './stream-socket.js'

/** WebSocket trackers (WebTorrent). */
export const ws = { announce, scrape } satisfies Protocol

/** JSON.parse of hostile nesting takes 0.2 s for a MiB. */
const MAX_MESSAGE_BYTES = 256 * 1024
/** All messages together. Offers of peers may be relayed to us before the answer, but not without end. */
const MAX_HEARD_CHARACTERS = 4 * MAX_MESSAGE_BYTES
const PROTOCOL_ERRORS: Readonly<Record<string, string>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'ws.too_large',
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 'ws.too_large',
}

async function announce(target: Target, request: AnnounceRequest, exchange: Exchange): Promise<Answer> {
  const stopped = request.leave && request.event === 'started' ? { ...request, event: 'stopped' as const } : null
  return converse(target, headersOf(request), exchange, {
    question: encodeWsAnnounce(request),
    read: (text) => decodeWsMessage(text, request.infoHash),
    farewell: stopped === null ? null : encodeWsAnnounce(stopped),
  })
}

async function scrape(target: Target, request: ScrapeRequest, exchange: Exchange): Promise<ScrapeAnswer> {
  return converse(target, headersOf(request), exchange, {
    question: encodeWsScrape(request.infoHashes),
    read: (text) => decodeWsScrape(text, request.infoHashes),
    farewell: null,
  })
}

interface Dialogue<T> {
  readonly question: string
  readonly read: (text: string) => T | 'ignore'
  /** Sent after a good answer, unanswered. */
  readonly farewell: string | null
}

/** Upgrades, asks, and waits for the message that answers; others may come before it. */
async function converse<T extends { readonly kind: string }>(
  target: Target,
  headers: Readonly<Record<string, string>>,
  exchange: Exchange,
  dialogue: Dialogue<T>,
): Promise<T> {
  const socket = await openStream(target, exchange)
  try {
    enterPhase(exchange, 'ws_upgrade')
    const client = new WebSocket(upgradeUrl(target.tracker), {
      createConnection: () => socket,
      headers: { ...headers, Host: hostHeader(target.tracker), ...authorization(target.tracker) },
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      ...tracedUpgrade(exchange),
    })
    try {
      const answer = await answerOf(client, exchange, dialogue)
      if (answer.kind === 'announce' && dialogue.farewell !== null) {
        exchange.trace?.({ kind: 'message_sent', text: dialogue.farewell })
        await sent(client, dialogue.farewell)
      }
      return answer
    } finally {
      // Not close(): a server that does not answer the close frame would hold the socket for 30 s.
      client.terminate()
    }
  } finally {
    socket.destroy()
  }
}

function answerOf<T>(client: WebSocket, exchange: Exchange, dialogue: Dialogue<T>): Promise<T> {
  const { signal } = exchange
  return new Promise((resolve, reject) => {
    let fault: Error | null = null
    let upgraded = false
    let heard = 0
    const onAbort = (): void => settle(() => reject(fault ?? signal.reason))
    let settled = false
    const settle = (finish: () => void): void => {
      settled = true
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    client.once('upgrade', (response) => exchange.trace?.(responseReceived(response)))
    client.once('open', () => {
      upgraded = true
      enterPhase(exchange, 'ws_reply')
      exchange.trace?.({ kind: 'message_sent', text: dialogue.question })
      client.send(dialogue.question)
    })
    client.on('message', (data, isBinary) => {
      if (settled) return
      const text = textOf(data, isBinary)
      heard += text.length
      if (heard > MAX_HEARD_CHARACTERS) {
        settle(() => reject(new ProbeError('ws.too_large', `${heard} characters in messages, none of them the answer`)))
        return
      }
      try {
        const answer = dialogue.read(text)
        tellMessage(exchange, text, answer === 'ignore' ? 'ignored' : 'taken')
        if (answer === 'ignore') return
        endPhase(exchange)
        settle(() => resolve(answer))
      } catch (error) {
        tellMessage(exchange, text, 'ignored', error)
        // A message without a usable info hash may be followed by our answer; what is no JSON object is no tracker.
        if (error instanceof WsMessageError && error.code === 'ws.bad_message') fault = error
        else settle(() => reject(error))
      }
    })
    client.once('unexpected-response', (_request, response) => {
      exchange.trace?.(responseReceived(response))
      settle(() => reject(notUpgraded(response)))
    })
    // Its `readyState` is CLOSING by now in either case.
    client.on('error', (error) => settle(() => reject(errorOf(error, upgraded))))
    client.once('close', (code, reason) => {
      if (!settled) exchange.trace?.({ kind: 'connection_closed', code, reason: reason.toString() })
      const why = reason.length === 0 ? `${code}` : `${code} "${reason.toString().slice(0, 120)}"`
      settle(() => reject(fault ?? new ProbeError('ws.closed', `closed with ${why} before the answer`)))
    })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}

function notUpgraded({ statusCode = 0, statusMessage = '' }: IncomingMessage): Error {
  if (statusCode === 101) return new ProbeError('ws.bad_handshake', 'status 101 without an Upgrade header')
  const status = `HTTP ${statusCode} ${statusMessage}`.trim()
  return new ProbeError('ws.status', `${status}, expected 101 Switching Protocols`)
}

function errorOf(error: NodeJS.ErrnoException, upgraded: boolean): Error {
  const { code } = error
  if (code?.startsWith('WS_ERR_')) {
    return new ProbeError(PROTOCOL_ERRORS[code] ?? 'ws.protocol', error.message, { cause: error })
  }
  const isSystemError = code !== undefined && !code.startsWith('HPE_')
  if (upgraded || isSystemError) return error
  return new ProbeError('ws.bad_handshake', error.message, { cause: error })
}

/** Written, so that ending the connection does not take it along. Errors no longer matter. */
function sent(client: WebSocket, text: string): Promise<void> {
  return new Promise((resolve) => client.send(text, () => resolve()))
}

/** Who sends the request is also the one who has to end it. */
function tracedUpgrade({ trace }: Exchange): Pick<ClientOptions, 'finishRequest'> {
  if (trace === undefined) return {}
  return {
    finishRequest: (request) => {
      trace(requestSent(request))
      request.end()
    },
  }
}

function tellMessage({ trace }: Exchange, text: string, verdict: 'taken' | 'ignored', error?: unknown): void {
  trace?.({ kind: 'message_received', text, verdict, why: error instanceof WsMessageError ? error.message : null })
}

function textOf(data: RawData, isBinary: boolean): string {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer)
  return isBinary ? new TextDecoder('utf-8').decode(bytes) : bytes.toString()
}

/** TLS, where there is one, has been made already, so that its phase is timed. */
function upgradeUrl(tracker: Tracker): string {
  return `ws://${bracketed(tracker.host)}:${tracker.port}${tracker.path}`
}

function headersOf(request: { readonly userAgent: string; readonly headers: Readonly<Record<string, string>> }) {
  return { 'User-Agent': request.userAgent, ...request.headers }
}

function authorization({ userinfo }: Tracker): Readonly<Record<string, string>> {
  return userinfo === null ? {} : { Authorization: basicAuthorization(userinfo) }
}
