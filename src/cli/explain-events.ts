import { judgeBep34 } from '../bittorrent/bep34.js'
import { milliseconds } from '../http/pages/text.js'
import type {
  ConnectionClosed,
  NameAnswered,
  NameUnanswered,
  OwnerSaid,
  Redirected,
  SocketError,
  TraceEvent,
} from '../probe/trace.js'
import { messageOf, type ProbeResult } from '../tracker/outcome.js'
import type { Context, Entry, Telling } from './explain-entry.js'
import {
  tellBody,
  tellDatagramReceived,
  tellDatagramSent,
  tellMessageReceived,
  tellMessageSent,
  tellRequest,
  tellResponse,
  tellTls,
  tellUnreadable,
} from './explain-wire.js'
import { wordsOf } from './explain-words.js'

/** The events of a check, decoded and fit to be shown, in the order of time. */
export function entriesOf(events: readonly TraceEvent[], context: Context): readonly Entry[] {
  return events.map((event) => {
    return { event: event.kind, atMs: event.atMs, probe: event.probe, ...tellingOf(event, context) }
  })
}

function tellingOf(event: TraceEvent, context: Context): Telling {
  switch (event.kind) {
    case 'name_asked':
      return { title: `${event.record} of ${event.host}?` }
    case 'name_answered':
      return tellAnswered(event)
    case 'name_unanswered':
      return tellUnanswered(event, context)
    case 'owner_said':
      return tellOwner(event, context)
    case 'probe_began':
      return { title: placeOf(event.probe, event.port) }
    case 'connected':
      return { title: `connected to ${event.address} port ${event.port}` }
    case 'tls_established':
      return tellTls(event, context)
    case 'datagram_sent':
      return tellDatagramSent(event, context)
    case 'datagram_received':
      return tellDatagramReceived(event, event.probe?.family ?? 4, context)
    case 'socket_error':
      return tellSocketError(event, context)
    case 'request_sent':
      return tellRequest(event, context)
    case 'response_received':
      return tellResponse(event, context)
    case 'body_received':
      return tellBody(event, context)
    case 'unreadable_received':
      return tellUnreadable(event.bytes, context)
    case 'message_sent':
      return tellMessageSent(event, context)
    case 'message_received':
      return tellMessageReceived(event, context)
    case 'connection_closed':
      return tellClosed(event, context)
    case 'redirected':
      return tellRedirected(event, context)
    case 'probe_settled':
      return tellSettled(event.result, context)
    case 'family_settled':
      return { title: `IPv${event.family}: ${wordsOf(event.outcome)}` }
  }
}

export function placeOf(probe: TraceEvent['probe'], port: number): string {
  return probe === null ? `port ${port}` : `IPv${probe.family} ${probe.address} port ${port}`
}

function tellAnswered({ record, host, addresses, tookMs }: NameAnswered): Telling {
  const listed = addresses.map(({ address }) => address).join(', ')
  const refused = addresses.flatMap(({ address, refused: code }) =>
    code === null ? [] : [`${address} is not contacted: ${code}`],
  )
  const note = refused.length === 0 ? {} : { note: refused.join('; '), tone: 'warn' as const }
  return { title: `${record} of ${host}: ${listed}, after ${milliseconds(tookMs)}`, ...note }
}

function tellUnanswered({ record, host, code, detail, tookMs }: NameUnanswered, { shown }: Context): Telling {
  const isNothing = code === 'dns.nodata'
  const said = isNothing ? 'none' : code
  const title = `${record} of ${host}: ${said}, after ${milliseconds(tookMs)}`
  return isNothing ? { title } : { title, tone: 'bad', note: shown.text(detail) }
}

function tellOwner({ host, record, unknown, tookMs }: OwnerSaid, { tracker }: Context): Telling {
  const title = `TXT of ${host}: ${ownersWord(record, unknown)} (BEP 34), after ${milliseconds(tookMs)}`
  if (record === null || host !== tracker.host) return unknown ? { title, tone: 'warn' } : { title }
  const { kind } = judgeBep34(record, tracker)
  if (kind === 'allowed') return { title, tone: 'good', note: 'this tracker is listed' }
  return { title, tone: 'bad', note: kind === 'denied' ? 'no tracker is wanted here' : 'this tracker is not listed' }
}

function ownersWord(record: OwnerSaid['record'], unknown: boolean): string {
  if (record === null) return unknown ? 'nobody could say' : 'no word about trackers'
  const places = record.entries.map(({ protocol, port }) => `${protocol} ${port}`)
  const said = places.length === 0 ? 'runs no tracker' : `trackers at ${places.join(', ')}`
  return unknown ? `${said}, as was said before` : said
}

function tellSocketError({ message, again }: SocketError, { shown }: Context): Telling {
  const said = shown.text(message)
  const title = message.includes('ECONNREFUSED') ? `the other side says that the port is closed (${said})` : said
  return { title, tone: 'bad', ...(again ? { note: 'asked once more: it may be restarting' } : {}) }
}

function tellClosed({ code, reason }: ConnectionClosed, { shown }: Context): Telling {
  const why = reason === '' ? '' : ` "${shown.text(reason)}"`
  return { title: `closed by the other side, code ${code}${why}`, direction: 'received', tone: 'bad' }
}

function tellRedirected({ status, to }: Redirected, { shown }: Context): Telling {
  const [place = ''] = to.split('?')
  return { title: `redirected (${status}) to ${shown.url(place)}`, tone: 'warn' }
}

function tellSettled(result: ProbeResult, { shown }: Context): Telling {
  const { outcome, latencyMs, phases, packetsSent, packetsLost } = result
  const tones = { ok: 'good', rejected: 'warn', failed: 'bad', skipped: 'warn' } as const
  const after = latencyMs === null ? '' : ` in ${milliseconds(latencyMs)}`
  const took = Object.entries(phases).map(([phase, ms]) => `${phase} ${milliseconds(ms)}`)
  const packets = packetsLost === 0 ? [] : [`${packetsSent} packets sent, ${packetsLost} of them again`]
  const parts = [...took, ...packets]
  const note = parts.length === 0 ? {} : { note: parts.join(', ') }
  const where = outcome.kind === 'failed' ? ` in ${outcome.phase}` : ''
  const message = messageOf(outcome)
  const said = message === null ? '' : `: ${shown.text(message)}`
  return { title: wordsOf(outcome) + where + after + said, tone: tones[outcome.kind], ...note }
}
