/** `code` is one of the `dns.*` codes, or a `local.*` one where the fault is ours. */
export class ResolveError extends Error {
  override readonly name = 'ResolveError'
  readonly code: string
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const CODES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'dns.nxdomain',
  ENODATA: 'dns.nodata',
  ESERVFAIL: 'dns.servfail',
  EREFUSED: 'dns.refused',
  ETIMEOUT: 'dns.timeout',
}
const SENTENCES: Readonly<Record<string, string>> = {
  'dns.nxdomain': 'does not exist',
  'dns.nodata': 'has no IP address',
  'dns.servfail': 'cannot be looked up: its name servers fail (SERVFAIL)',
  'dns.refused': 'cannot be looked up: the name server refuses (REFUSED)',
  'dns.timeout': 'cannot be looked up: no answer',
}

/** What c-ares says, in our words. `wanted` is what was asked for: `IPv4 address`. */
export function resolveError(error: NodeJS.ErrnoException, host: string, wanted: string): ResolveError {
  const code = CODES[error.code ?? ''] ?? 'dns.error'
  const what = SENTENCES[code] ?? `cannot be looked up (${error.code ?? error.message})`
  return new ResolveError(code, `${host} ${what.replace('IP address', wanted)}`, { cause: error })
}

/** Whether it is what name servers say about the name. Everything else may be different a moment later. */
export function isAnswer({ code }: ResolveError): boolean {
  return code === 'dns.nxdomain' || code === 'dns.nodata'
}
