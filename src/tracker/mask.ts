import type { Tracker } from './tracker.js'

/** Query parameters that carry a user's secret on private trackers. */
const SECRET_PARAMETERS = new Set(['passkey', 'pid', 'authkey', 'torrent_pass', 'key', 'uk', 'auth', 'token', 'secure'])
/** What passkeys look like, wherever they stand: long and without a break, or with dashes and a digit (UUID, base64url). */
const SECRET_LOOK = /^(?:[0-9A-Za-z]{16,}|(?=.*\d)[\w-]{16,})$/
const MASK = '***'
/** Less of a secret than this is of no use to anybody. */
const SHORTEST_BEGINNING = 8

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

/** Text from elsewhere (a tracker's message, an error) without the secrets of this tracker's URL in it. */
export function maskText(text: string, tracker: Pick<Tracker, 'path' | 'userinfo'>): string {
  let masked = text
  for (const secret of secretsOf(tracker)) masked = withoutBeginning(masked.replaceAll(secret, MASK), secret)
  return masked
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

function secretsOf(tracker: Pick<Tracker, 'path' | 'userinfo'>): string[] {
  const [path = '', query = ''] = splitOnce(tracker.path, '?')
  const secrets = path.split('/').filter((segment) => SECRET_LOOK.test(segment))
  for (const pair of query.split('&')) {
    const [name, value] = splitOnce(pair, '=')
    if (SECRET_LOOK.test(pair)) secrets.push(pair)
    // A short value ("1", "on") masked everywhere would make a message unreadable and hides nothing.
    if (isSecret(name, value) && value.length >= 6) secrets.push(value)
  }
  if (tracker.userinfo !== null) {
    const [, password] = splitOnce(tracker.userinfo, ':')
    secrets.push(tracker.userinfo, password)
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
