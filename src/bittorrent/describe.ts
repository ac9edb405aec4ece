/**
 * Packets and messages for people: what `encode` and `decode` are to programs. Everything is named and shown in the
 * order of the wire, also where it is nonsense. Texts and bytes are as they were sent, control characters and secrets
 * included: whoever prints them has to make them fit.
 */
export interface Description {
  /** As in `announce response`. */
  readonly name: string
  readonly fields: readonly Field[]
}

export interface Field {
  /** Of the BEP; a key that a stranger made up is as it came. */
  readonly name: string
  /** Numbers as numbers, bytes that are no text as bytes; the first 8 items of a list, and how many more. */
  readonly value: string | number | Uint8Array
  /** Of a number. */
  readonly unit?: 's' | 'min' | 'bytes'
  /** What it means. */
  readonly note?: string
}

/** More of a list than this is a count. */
const MAX_SHOWN_ITEMS = 8

/** `3: 192.0.2.1:6881, …`, cut with a count; `0` for none. */
export function listText<T>(items: readonly T[], textOf: (item: T) => string): string {
  return items.length === 0 ? '0' : `${items.length}: ${cutList(items, textOf)}`
}

/** The first items of a list, and how many more there are. */
function cutList<T>(items: readonly T[], textOf: (item: T) => string): string {
  const shown = items.slice(0, MAX_SHOWN_ITEMS).map(textOf).join(', ')
  const more = items.length - MAX_SHOWN_ITEMS
  return more > 0 ? `${shown}, and ${more} more` : shown
}

/** What a list of fields is cut to; the rest is a count. */
export function cutFields(fields: readonly Field[], max: number): readonly Field[] {
  const more = fields.length - max
  return more > 0 ? [...fields.slice(0, max), { name: '…', value: `${more} more` }] : fields
}

export function peerText({ ip, port }: { readonly ip: string; readonly port: number }): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

/** Bytes as the text that they are, or as they are. */
export function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  const text = Buffer.from(bytes).toString('utf8')
  return /[\x00-\x08\x0e-\x1f\x7f\ufffd]/.test(text) ? bytes : text
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
