import { isIPv6 } from 'node:net'

export const schemes = ['udp', 'http', 'https', 'ws', 'wss'] as const
export type Scheme = (typeof schemes)[number]

/** A service at an announce URL. Parsed once by `parseTracker`; inside, the type is trusted. */
export interface Tracker {
  /**
   * The identity: scheme and host in lower case, host in punycode without trailing dot, the port always written
   * (as publishers of lists do), path and query as given, no fragment.
   */
  readonly url: string
  readonly scheme: Scheme
  /** DNS name or IP address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** Path and query as they go on the wire. Starts with `/`; empty only for UDP. */
  readonly path: string
  /** `user:password` of http(s) and ws(s) URLs, still percent-encoded. */
  readonly userinfo: string | null
}

/** Why a text is no tracker URL, with a sentence for the operator. */
export interface UrlProblem {
  readonly code:
    | 'url.malformed'
    | 'url.no_scheme'
    | 'url.unsupported_scheme'
    | 'url.bad_host'
    | 'url.bad_port'
    | 'url.missing_port'
    | 'url.userinfo'
    | 'url.concatenated'
    | 'url.too_long'
    | 'url.too_long_for_udp'
  readonly message: string
}

export type ParsedTracker =
  | { readonly tracker: Tracker; readonly problem?: never }
  | { readonly problem: UrlProblem; readonly tracker?: never }

const MAX_URL_LENGTH = 2048
/** A UDP announce of 98 bytes plus BEP 41 options has to stay within 1400 bytes to survive common paths. */
const MAX_UDP_PATH_LENGTH = 1280
const DEFAULT_PORTS = { udp: null, http: 80, https: 443, ws: 80, wss: 443 } as const satisfies Record<
  Scheme,
  number | null
>

/**
 * Text → Tracker, or the problem. Stricter than WHATWG where WHATWG guesses (missing slashes, backslashes, tabs
 * inside), and the same for every scheme, which WHATWG is not: it leaves the host of `udp:` alone, so
 * `udp://0x7f.1:80` would reach the resolver as it stands.
 */
export function parseTracker(given: string): ParsedTracker {
  const text = given.trim()
  if (text === '') return problem('url.malformed', 'empty, expected an announce URL')
  if (text.length > MAX_URL_LENGTH) return tooLong(text)
  const spacedPort = /^[a-z]+:\/\/[^/?#\s\\]+:(\s[^/?#]*)/i.exec(text)?.[1]
  if (spacedPort !== undefined) return badPort(spacedPort)
  if (/[\s\x00-\x1f\x7f\\]/.test(text)) {
    return problem('url.malformed', 'white space, control character or backslash inside the URL')
  }
  const split = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(text)
  if (split === null || /^\d+(?:[/?#]|$)/.test(split[2] ?? '')) {
    return problem('url.no_scheme', 'no scheme, expected one of udp://, http://, https://, ws://, wss:// in front')
  }
  const scheme = (split[1] ?? '').toLowerCase()
  if (!isScheme(scheme)) {
    return problem('url.unsupported_scheme', `scheme ${quoted(scheme)}, expected one of ${schemes.join(', ')}`)
  }
  const rest = split[2] ?? ''
  if (!rest.startsWith('//') || rest.startsWith('///')) {
    return problem('url.malformed', `expected ${scheme}://host…`)
  }
  if (/(?:udp|https?|wss?):\/\//i.test(rest.slice(2).split('?')[0] ?? '')) {
    return problem('url.concatenated', 'two URLs in one, expected white space or a line break between them')
  }
  return parseParts(scheme, rest.slice(2))
}

function parseParts(scheme: Scheme, rest: string): ParsedTracker {
  const end = rest.search(/[/?#]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  const at = authority.lastIndexOf('@')
  if (at !== -1 && scheme === 'udp') {
    return problem('url.userinfo', 'user and password in a udp URL, which has no way to send them')
  }
  const userinfo = at < 1 ? null : authority.slice(0, at).replace(/[^\x21-\x7e]+/g, percentEncode)
  const hostPort = splitHostPort(authority.slice(at + 1))
  if ('problem' in hostPort) return hostPort
  const host = parseHost(hostPort.host)
  if (typeof host !== 'string') return host
  const port = parsePort(hostPort.port, scheme)
  if (typeof port !== 'number') return port
  const path = wirePath(scheme, end === -1 ? '' : rest.slice(end))
  if (scheme === 'udp' && path.length > MAX_UDP_PATH_LENGTH) {
    return problem(
      'url.too_long_for_udp',
      `path and query of ${path.length} bytes, expected at most ${MAX_UDP_PATH_LENGTH} to fit one datagram (BEP 41)`,
    )
  }
  const url = `${scheme}://${userinfo === null ? '' : `${userinfo}@`}${bracketed(host)}:${port}${path}`
  if (url.length > MAX_URL_LENGTH) return tooLong(url)
  return { tracker: { url, scheme, host, port, path, userinfo } }
}

function splitHostPort(text: string): { host: string; port: string | null } | { problem: UrlProblem } {
  if (text === '' || text.startsWith(':')) return problem('url.malformed', 'no host')
  const bracket = /^(\[[^\]]*\])(?::(.*))?$/.exec(text)
  if (bracket !== null) return { host: bracket[1] ?? '', port: bracket[2] ?? null }
  const colon = text.indexOf(':')
  if (colon === -1) return { host: text, port: null }
  if (text.indexOf(':', colon + 1) !== -1) {
    return problem('url.bad_host', `host ${quoted(text)} has several colons, expected an IPv6 address in brackets`)
  }
  return { host: text.slice(0, colon), port: text.slice(colon + 1) }
}

function parseHost(text: string): string | { problem: UrlProblem } {
  let host: string
  try {
    // A special scheme brings lower case, punycode, percent-decoding and the many spellings of an IPv4 address.
    host = new URL(`http://${text}/`).hostname
  } catch {
    return problem('url.bad_host', `host ${quoted(text)} is neither a DNS name nor an IP address`)
  }
  if (host.startsWith('[')) {
    const address = host.slice(1, -1)
    return isIPv6(address) ? address : problem('url.bad_host', `host ${quoted(text)} is no IPv6 address`)
  }
  const name = host.endsWith('.') ? host.slice(0, -1) : host
  const labels = name.split('.')
  const valid = name.length <= 253 && labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))
  return valid ? name : problem('url.bad_host', `host ${quoted(text)} is not a valid DNS name`)
}

function parsePort(text: string | null, scheme: Scheme): number | { problem: UrlProblem } {
  if (text === null) {
    return DEFAULT_PORTS[scheme] ?? problem('url.missing_port', 'udp URL without a port, expected udp://host:port')
  }
  const port = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (port >= 1 && port <= 65535) return port
  return badPort(text)
}

function badPort(text: string): { readonly problem: UrlProblem } {
  return problem('url.bad_port', `port ${quoted(text)}, expected 1 to 65535`)
}

function wirePath(scheme: Scheme, given: string): string {
  const path = (given.split('#')[0] ?? '').replace(/[^\x21-\x7e]+/g, percentEncode)
  if (path === '') return scheme === 'udp' ? '' : '/'
  if (path.startsWith('?')) return `/${path}`
  const hasDotSegment = /\/(?:\.|%2e){1,2}(?=[/?]|$)/i.test(path)
  if (scheme === 'udp' || !hasDotSegment) return path
  const query = path.indexOf('?')
  const pathname = new URL(`http://host${query === -1 ? path : path.slice(0, query)}`).pathname
  return query === -1 ? pathname : pathname + path.slice(query)
}

function percentEncode(text: string): string {
  return Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '%$&')
}

/** `host` as it stands in a URL: IPv6 in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function tooLong(url: string): { readonly problem: UrlProblem } {
  return problem('url.too_long', `${url.length} characters, expected at most ${MAX_URL_LENGTH}`)
}

function quoted(text: string): string {
  return text.length > 80 ? `"${text.slice(0, 80)}…"` : `"${text}"`
}

function isScheme(text: string): text is Scheme {
  return (schemes as readonly string[]).includes(text)
}

function problem(code: UrlProblem['code'], message: string): { readonly problem: UrlProblem } {
  return { problem: { code, message } }
}
