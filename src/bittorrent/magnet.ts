import { parseInfoHash } from './info-hash.js'

/** What a magnet link (BEP 9) says of a torrent. */
export interface Magnet {
  readonly name: string | null
  /** 20 bytes each: `urn:btih` (version 1), then `urn:btmh` cut to 20 bytes (version 2, BEP 52). One at least. */
  readonly infoHashes: readonly Uint8Array[]
  /** In order, each text once; empty where peers come from the DHT alone. */
  readonly trackers: readonly string[]
}

/** A text that is no magnet link of a torrent; names the part that is wrong. */
export class MagnetError extends Error {
  override readonly name = 'MagnetError'
}

interface Parameter {
  /** In lower case and without the number of the forms `tr.1=`. */
  readonly key: string
  readonly raw: string
}

const V1 = /^urn:btih:([0-9a-f]{40}|[a-z2-7]{32})$/i
/** A multihash: `12` is SHA-256, `20` its length in hex. */
const V2 = /^urn:btmh:1220([0-9a-f]{64})$/i

/** Text → magnet link. Topics (`xt`) of other networks are ignored. Else throws a `MagnetError`. */
export function parseMagnet(uri: string): Magnet {
  const query = /^magnet:\?(.*)$/is.exec(uri.trim())?.[1]
  if (query === undefined) throw new MagnetError(`${shown(uri)}, expected a magnet link: magnet:?xt=urn:btih:…`)
  const parameters = parametersOf(query)
  const valuesOf = (key: string): readonly Parameter[] => parameters.filter((parameter) => parameter.key === key)
  const [name] = valuesOf('dn')
  const trackers = valuesOf('tr').map(decoded)
  return {
    name: name === undefined ? null : nameOf(name),
    infoHashes: infoHashesOf(valuesOf('xt').map(decoded)),
    trackers: [...new Set(trackers.filter((text) => text.trim() !== ''))],
  }
}

/** Copied from the source of a web page, a link has `&amp;` between its parts. */
function parametersOf(query: string): readonly Parameter[] {
  return query.split(/&(?:amp;)?/).map((part) => {
    const [name = ''] = part.split('=', 1)
    return { key: name.toLowerCase().replace(/\.\d+$/, ''), raw: part.slice(name.length + 1) }
  })
}

function infoHashesOf(topics: readonly string[]): readonly Uint8Array[] {
  const v1 = new Set<string>()
  const v2 = new Set<string>()
  for (const topic of topics) {
    if (/^urn:btih:/i.test(topic)) v1.add(hexOf(topic, V1, '40 hex digits or 32 base32 characters'))
    else if (/^urn:btmh:/i.test(topic)) v2.add(hexOf(topic, V2, '1220 and 64 hex digits (SHA-256)'))
  }
  if (v1.size > 1) throw new MagnetError('xt: several urn:btih that differ, expected those of one torrent')
  if (v2.size > 1) throw new MagnetError('xt: several urn:btmh that differ, expected those of one torrent')
  if (v1.size + v2.size === 0) throw new MagnetError('no xt=urn:btih:… or xt=urn:btmh:… in the link, expected one')
  return [...v1, ...v2].map((hex) => parseInfoHash(hex))
}

/** Texts that differ may be one hash, so they are compared as hex digits. */
function hexOf(topic: string, form: RegExp, expected: string): string {
  const digits = form.exec(topic)?.[1]
  if (digits === undefined)
    throw new MagnetError(`xt: ${shown(topic)}, expected ${expected} behind ${topic.slice(0, 9)}`)
  return Buffer.from(parseInfoHash(digits)).toString('hex')
}

/** A `+` stays one: these texts have no spaces. */
function decoded({ key, raw }: Parameter): string {
  try {
    return decodeURIComponent(raw)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw new MagnetError(`${key}: ${shown(raw)}, expected percent-encoded UTF-8`, { cause: error })
  }
}

/** Only for people to read, so that a name in another encoding does not make the link useless. */
function nameOf({ raw }: Parameter): string {
  const text = raw.replaceAll('+', ' ')
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
