import type { Description, Field } from '../bittorrent/describe.js'
import { describeBencode } from '../bittorrent/describe-bencode.js'
import { describePath, describeWsMessage } from '../bittorrent/describe-messages.js'
import { describeUdpReply, describeUdpRequest } from '../bittorrent/describe-udp.js'
import { counted, milliseconds, relative, utc } from '../http/pages/text.js'
import { decodeContent } from '../probe/http/body.js'
import { ProbeError } from '../probe/prober.js'
import type {
  BodyReceived,
  DatagramReceived,
  DatagramSent,
  MessageReceived,
  MessageSent,
  RequestSent,
  ResponseReceived,
  TlsEstablished,
} from '../probe/trace.js'
import { explain } from '../tracker/explain.js'
import { type Context, type EntryField, fieldsOf, type Telling } from './explain-entry.js'

/** What goes over the wire → what there is to tell of it. */

const IGNORED: Readonly<Record<NonNullable<DatagramReceived['why']>, string>> = {
  short: 'ignored: shorter than any packet of the protocol',
  source: 'ignored: comes from elsewhere',
  transaction_id: 'ignored: its transaction id is none of ours',
  action: 'ignored: answers something else than we asked',
  truncated: 'ignored: too short for what it has to hold',
  late: 'ignored: nothing was awaited any more',
}

export function tellDatagramSent({ bytes, attempt, attempts }: DatagramSent, context: Context): Telling {
  const { name, fields } = describeUdpRequest(bytes)
  const again = attempt > 1 ? `, sent again: ${attempt} of ${attempts}` : ''
  return {
    title: `${name}, ${counted(bytes.length, 'byte')}${again}`,
    direction: 'sent',
    fields: fieldsOf(fields, context),
    ...leaving(fields),
  }
}

export function tellDatagramReceived(event: DatagramReceived, family: 4 | 6, context: Context): Telling {
  const { bytes, why, tookMs, from } = event
  const { name, fields } = describeUdpReply(Buffer.from(bytes), family)
  const after = tookMs === null ? '' : `, after ${milliseconds(tookMs)}`
  const source = from === null ? '' : ` (${from.address} port ${from.port})`
  return {
    title: `${name}, ${counted(bytes.length, 'byte')}${after}`,
    direction: 'received',
    fields: fieldsOf(fields, context),
    ...(why === null ? {} : { note: IGNORED[why] + source, tone: 'warn' }),
  }
}

export function tellTls({ protocol, cipher, certificate, faults }: TlsEstablished, context: Context): Telling {
  const title = [protocol ?? 'TLS', cipher].filter((part) => part !== null).join(', ')
  const said = faults.map((code) => explain({ reason: null, code })).join('; ')
  const verdict = faults.length === 0 ? {} : ({ tone: 'bad', note: said } as const)
  if (certificate === null) return { title: `${title}, no certificate`, ...verdict }
  const { subject, issuer, names, validFrom, validTo } = certificate
  const fields = [
    { name: 'subject', value: subject },
    { name: 'issuer', value: issuer },
    { name: 'names', value: names ?? '(none)' },
    { name: 'valid from', value: moment(validFrom) },
    { name: 'valid to', value: moment(validTo), ...howFar(validTo) },
  ]
  return { title, fields: fieldsOf(fields, context), ...verdict }
}

export function tellRequest({ method, path, headers }: RequestSent, context: Context): Telling {
  const { path: place, parameters } = describePath(context.shown.url(path))
  return {
    title: `${method} ${context.shown.text(place)}`,
    direction: 'sent',
    fields: [...fieldsOf(parameters, context), ...headerFields(headers, context)],
    ...leaving(parameters),
  }
}

export function tellResponse(event: ResponseReceived, context: Context): Telling {
  const { httpVersion, status, statusText, headers } = event
  return {
    title: `HTTP/${httpVersion} ${status} ${context.shown.text(statusText)}`.trimEnd(),
    direction: 'received',
    fields: headerFields(headers, context),
    ...(status === 200 || status === 101 ? {} : { tone: 'warn' }),
  }
}

export function tellBody({ bytes, contentEncoding, complete }: BodyReceived, context: Context): Telling {
  const size = `body, ${counted(bytes.length, 'byte')}${complete ? '' : ', cut short'}`
  const tone = complete ? {} : ({ tone: 'warn' } as const)
  const plain = decoded(bytes, contentEncoding)
  if (plain instanceof ProbeError) {
    return { title: size, direction: 'received', tone: 'bad', note: plain.message, fields: firstBytes(bytes, context) }
  }
  const unpacked = plain === bytes ? '' : `, ${contentEncoding ?? 'gzip'}: ${plain.length} unpacked`
  return {
    ...tellContent(plain, describeBencode(plain), context),
    title: size + unpacked,
    direction: 'received',
    ...tone,
  }
}

export function tellUnreadable(bytes: Uint8Array, context: Context): Telling {
  const title = `no HTTP, ${counted(bytes.length, 'byte')}`
  return { title, direction: 'received', tone: 'bad', fields: firstBytes(bytes, context) }
}

export function tellMessageSent({ text }: MessageSent, context: Context): Telling {
  const message = messageOf(text, context)
  return { ...message, direction: 'sent', ...leaving(message.fields ?? []) }
}

export function tellMessageReceived({ text, verdict, why }: MessageReceived, context: Context): Telling {
  const message = { ...messageOf(text, context), direction: 'received' } as const
  if (verdict === 'taken') return message
  const note = `ignored: ${why === null ? 'no answer to our request' : context.shown.text(why)}`
  return { ...message, tone: 'warn', note }
}

/** Nobody waits for the answer to that, and so none is shown. */
function leaving(fields: readonly Field[]): Pick<Telling, 'note'> {
  const isLeaving = fields.some(({ name, value }) => name === 'event' && value === 'stopped')
  return isLeaving ? { note: 'takes leave, no answer awaited' } : {}
}

function messageOf(text: string, context: Context): Telling {
  const bytes = Buffer.from(text)
  const description = describeWsMessage(text)
  const name = description?.name ?? 'text'
  return { ...tellContent(bytes, description, context), title: `${name}, ${counted(bytes.length, 'byte')}` }
}

/** The fields, or the first bytes of what has none. */
function tellContent(bytes: Uint8Array, description: Description | null, context: Context): Pick<Telling, 'fields'> {
  return { fields: description === null ? firstBytes(bytes, context) : fieldsOf(description.fields, context) }
}

function firstBytes(bytes: Uint8Array, { shown }: Context): readonly EntryField[] {
  return bytes.length === 0 ? [] : [{ name: 'begins', value: shown.bytes(bytes) }]
}

function headerFields(headers: RequestSent['headers'], { shown }: Context): readonly EntryField[] {
  return headers.map((header) => shown.header(header))
}

function decoded(bytes: Uint8Array, contentEncoding: string | null): Uint8Array | ProbeError {
  try {
    return decodeContent(bytes, contentEncoding ?? undefined).bytes
  } catch (error) {
    if (error instanceof ProbeError) return error
    throw error
  }
}

/** Certificates have `Nov 22 16:00:00 2026 GMT`. */
function moment(text: string): string {
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? text : utc(at)
}

function howFar(text: string): { readonly note?: string } {
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? {} : { note: relative(at, new Date()) }
}
