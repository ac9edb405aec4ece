import type { Tracker } from './tracker.js'

/** Query parameters that carry a user's secret on private trackers. */
const SECRET_PARAMETERS = new Set(['passkey', 'pid', 'authkey', 'torrent_pass', 'key', 'uk', 'auth', 'token', 'secure'])
/** What passkeys look like, wherever they stand: long and without a break, or with dashes and a digit (UUID, base64url). */
const SECRET_LOOK = /^(?:[0-9A-Za-z]{16,}|(?=.*\d)[\w-]{16,})$/
const MASK = '***'
/** Less of a secret than this is of no use to anybody. */
const SHORTEST_BEGINNING = 8
/** A shorter secret masked inside of words would make a message unreadable: it is masked where it is a word by itself. */
const SHORTEST_ANYWHERE = 6
/** A shorter value of a parameter ("1", "on") is more likely none: it is masked behind its name alone. */
const SHORTEST_VALUE = 3

/** The announce URL with passwords and passkeys replaced by `***`: fit for logs, labels, pages and exported text. */
export function maskUrl(url: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)([^?]*)(\?.*)?$/is.exec(url)
  if (match === null) return url
  const [, scheme = '', authority = '', path = '', query = ''] = match
  const at = authority.lastIndexOf('@')
  const host = at === -1 ? authority : `${MASK}${authority.slice(at)}`
  const segments = path.split('/').map((segment) => (SECRET_LOOK.test(segment) ? MASK : segment))
  return scheme + host + segments.join('/') + maskQuery(query)
}

/**
 * Text from elsewhere (a tracker's message, an error) without the secrets of this tracker's URL in it, and without those
 * of the headers that it was asked with.
 */
export function maskText(
  text: string,
  tracker: Pick<Tracker, 'path' | 'userinfo'>,
  headers: Readonly<Record<string, string>> = {},
): string {
  let masked = text
  for (const [pair, hidden] of shortPairsOf(tracker)) masked = masked.replaceAll(pair, hidden)
  const secrets = [...secretsOf(tracker), ...secretsOfHeaders(headers)]
  for (const secret of secrets) masked = withoutBeginning(without(masked, secret), secret)
  return masked
}

function without(text: string, secret: string): string {
  if (secret.length >= SHORTEST_ANYWHERE) return text.replaceAll(secret, MASK)
  const literal = secret.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  // A mask is no place to look for a secret either.
  return text.replace(new RegExp(`(?<![\\p{L}\\p{M}\\p{N}_*])${literal}(?![\\p{L}\\p{M}\\p{N}_*])`, 'gu'), MASK)
}

/**
 * What may be a secret of request headers: their values, each value of a pair as cookies have them, and credentials
 * without the name of their scheme.
 */
export function secretsOfHeaders(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(headers)
    .flatMap((value) => [value, ...parts(value)])
    .filter((secret) => secret.length >= SHORTEST_ANYWHERE)
}

function parts(value: string): readonly string[] {
  const credentials = /^(?:basic|bearer|digest|token)\s+(.+)$/i.exec(value)?.[1]
  const ofPairs = [...value.matchAll(/=([^=;,\s]+)(?=[;,\s]|$)/g)].map(([, part = '']) => part)
  return credentials === undefined ? ofPairs : [credentials]
}

/** Texts are cut, at their end or at that of a quotation, and what is left of a secret there is most of it. */
function withoutBeginning(text: string, secret: string): string {
  for (let length = secret.length - 1; length >= SHORTEST_BEGINNING; length--) {
    const beginning = secret.slice(0, length)
    if (text.endsWith(beginning)) return text.slice(0, -length) + MASK
    if (text.includes(`${beginning}"`)) return text.replaceAll(`${beginning}"`, `${MASK}"`)
  }
  return text
}

function maskQuery(query: string): string {
  return query.replace(/[^?&]+/g, (pair) => {
    const [name, value] = splitOnce(pair, '=')
    if (SECRET_LOOK.test(pair)) return MASK
    return isSecret(name, value) ? `${name}=${MASK}` : pair
  })
}

function isSecret(name: string, value: string): boolean {
  return SECRET_LOOK.test(value) || (value !== '' && SECRET_PARAMETERS.has(name.toLowerCase()))
}

/** What is too short to be looked for anywhere is found by its name, too. */
function shortPairsOf({ path }: Pick<Tracker, 'path'>): readonly (readonly [pair: string, hidden: string])[] {
  const [, query] = splitOnce(path, '?')
  return query.split('&').flatMap((pair) => {
    const [name, value] = splitOnce(pair, '=')
    return value.length < SHORTEST_ANYWHERE && isSecret(name, value) ? [[pair, `${name}=${MASK}`] as const] : []
  })
}

function secretsOf(tracker: Pick<Tracker, 'path' | 'userinfo'>): string[] {
  const [path = '', query = ''] = splitOnce(tracker.path, '?')
  const secrets = path.split('/').filter((segment) => SECRET_LOOK.test(segment))
  for (const pair of query.split('&')) {
    const [name, value] = splitOnce(pair, '=')
    if (SECRET_LOOK.test(pair)) secrets.push(pair)
    if (isSecret(name, value) && value.length >= SHORTEST_VALUE) secrets.push(value)
  }
  if (tracker.userinfo !== null) {
    const [, password] = splitOnce(tracker.userinfo, ':')
    // As HTTP Basic has them (RFC 7617), too.
    secrets.push(tracker.userinfo, password, Buffer.from(decoded(tracker.userinfo)).toString('base64'))
  }
  return secrets.flatMap((secret) => [secret, decoded(secret)]).filter((secret) => secret !== '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // not percent-encoded UTF-8: there is nothing else to look for
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
