import { bracketed, schemes, type Tracker } from './tracker.js'

/** Which announce URLs an operator means, part by part: a `*` never reaches from one part into the next. */
export interface TargetPattern {
  readonly scheme: string
  readonly host: string
  readonly port: string
  /** With the query. */
  readonly path: string
}

const MAX_LENGTH = 2048
const EXPECTED = 'expected scheme://host:port/path with "*" for anything, port and path may be left out'

/**
 * `udp://*.example.org:6969/announce`; `*` stands for any characters, scheme included. A port or path that is left out
 * may be any. Text → pattern, or the problem as a sentence that does not repeat the text: a path may be a secret.
 */
export function parseTargetPattern(text: string): TargetPattern | string {
  if (text.length > MAX_LENGTH) return `pattern of ${text.length} characters, expected at most ${MAX_LENGTH}`
  const match = /^([a-z*]+):\/\/(\[[0-9a-f:.*]+\]|[a-z0-9._*-]+)(?::(\d{1,5}|\*))?(\/\S*)?$/i.exec(text)
  if (match === null) return `no pattern of announce URLs, ${EXPECTED}`
  const [, scheme = '', host = '', port = '*', path = '*'] = match
  const lowered = scheme.toLowerCase()
  if (!schemes.some((known) => isLike(known, lowered))) {
    return `pattern of scheme "${lowered}", expected one of ${schemes.join(', ')} or *`
  }
  return { scheme: lowered, host: host.toLowerCase(), port, path }
}

/** User and password of the URL do not matter. */
export function matchesTarget({ scheme, host, port, path }: Tracker, pattern: TargetPattern): boolean {
  return (
    isLike(scheme, pattern.scheme) &&
    isLike(bracketed(host), pattern.host) &&
    isLike(String(port), pattern.port) &&
    isLike(path, pattern.path)
  )
}

/** Each part between two `*` at its first place, which is enough and takes no longer than the text is long. */
function isLike(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return text === pattern
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return at <= text.length - last.length
}
