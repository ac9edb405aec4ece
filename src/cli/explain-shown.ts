import { maskText, maskUrl, secretsOfHeaders } from '../tracker/mask.js'
import { parseTracker, type Tracker } from '../tracker/tracker.js'
import { plain } from './io.js'

/** Makes the texts and bytes of an exchange fit to be shown: no secret in them, nothing that a terminal obeys, short. */
export interface Shown {
  readonly text: (text: string) => string
  /** As text where they are one, else in hex. */
  readonly bytes: (bytes: Uint8Array) => string
  readonly header: (header: readonly [name: string, value: string]) => { readonly name: string; readonly value: string }
  /** A URL, or the path and query of one, whole. */
  readonly url: (url: string) => string
}

const MAX_TEXT = 300
const MAX_HEX_BYTES = 64
/** Credentials, whatever they look like. */
const SECRET_HEADERS = /^(?:proxy-)?authorization$|^cookie$/i
/** Makes a URL of a path. */
const RELATIVE = 'http://x'

/** Where else the secrets of an exchange may be, and what is none. */
export interface Exchanged {
  /** URLs that redirects point to: a place further on may have secrets of its own. */
  readonly hops: readonly string[]
  /** Parameters of ours (`peer_id=…`): trackers repeat them in redirects, and some look like a secret. */
  readonly own: ReadonlySet<string>
  /** What the operator had us send: a header may be a token. */
  readonly headers: Readonly<Record<string, string>>
}

export function createShown(tracker: Tracker, { hops, own, headers }: Exchanged): Shown {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const others = hops.flatMap((hop) => parseTracker(hop).tracker ?? []).map((hop) => withoutOwn(hop, own))
  const trackers = [tracker, ...others]
  const pairs = [...trackers.flatMap(({ path }) => secretPairsIn(path)), ...secretValuesIn(headers)]
  const masked = (text: string): string =>
    trackers.reduce(
      (rest, one) => maskText(rest, one),
      pairs.reduce((rest, [pair, hidden]) => rest.replaceAll(pair, hidden), text),
    )
  const text = (given: string): string => cut(plain(masked(given).replace(/\s+/g, ' ')))
  return {
    text,
    bytes: (given) => shownBytes(given, masked, text),
    header: ([name, value]) => {
      if (SECRET_HEADERS.test(name) || given.has(name.toLowerCase())) return { name: text(name), value: '***' }
      const isUrl = name.toLowerCase() === 'location'
      return { name: text(name), value: text(isUrl ? maskedUrl(value, own) : value) }
    },
    url: (url) => plain(masked(maskedUrl(url, own))),
  }
}

function withoutOwn({ path, userinfo }: Tracker, own: Exchanged['own']): Pick<Tracker, 'path' | 'userinfo'> {
  const [place = '', ...parameters] = parametersIn(path)
  const theirs = parameters.map((pair) => pair.slice(1)).filter((pair) => !own.has(pair))
  return { path: `${place}?${theirs.join('&')}`, userinfo }
}

/** A secret that is too short to be looked for alone is found by its name. */
function secretPairsIn(path: string): readonly (readonly [pair: string, hidden: string])[] {
  return parametersIn(path)
    .slice(1)
    .map((pair) => [pair.slice(1), maskedParameter(pair).slice(1)] as const)
    .filter(([pair, hidden]) => pair !== hidden)
}

function secretValuesIn(headers: Exchanged['headers']): readonly (readonly [value: string, hidden: string])[] {
  return secretsOfHeaders(headers).map((value) => [value, '***'])
}

/** A place that is not followed may have secrets too. */
function maskedUrl(url: string, own: Exchanged['own']): string {
  const isAbsolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(url)
  const [place = '', ...parameters] = parametersIn(isAbsolute ? url : RELATIVE + url)
  const shown = parameters.map((pair) => (own.has(pair.slice(1)) ? pair : maskedParameter(pair)))
  const whole = maskUrl(place) + shown.join('')
  return isAbsolute ? whole : whole.slice(RELATIVE.length)
}

/** What stands before the query, and each parameter behind its `?` or `&`. */
function parametersIn(url: string): readonly string[] {
  return url.split(/(?=[?&])/)
}

function maskedParameter(pair: string): string {
  return pair.charAt(0) + maskUrl(`${RELATIVE}/?${pair.slice(1)}`).slice(RELATIVE.length + 2)
}

/** Masked first, since a part of a secret is not seen to be one. */
function shownBytes(bytes: Uint8Array, masked: (text: string) => string, text: (text: string) => string): string {
  const raw = Buffer.from(bytes).toString('utf8')
  const isText = !/[\x00-\x08\x0e-\x1f\x7f\ufffd]/.test(raw.slice(0, MAX_TEXT))
  if (isText) return `"${text(raw)}"`
  const safe = Buffer.from(masked(Buffer.from(bytes).toString('latin1')), 'latin1')
  const groups =
    safe
      .subarray(0, MAX_HEX_BYTES)
      .toString('hex')
      .match(/.{1,8}/g) ?? []
  return `${groups.join(' ')}${safe.length > MAX_HEX_BYTES ? ` … (${safe.length} bytes)` : ''}`
}

function cut(text: string): string {
  return text.length > MAX_TEXT
    ? `${text.slice(0, MAX_TEXT).replace(/[\ud800-\udbff]$/, '')}… (${text.length} characters)`
    : text
}
