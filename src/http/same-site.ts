/**
 * Whether a browser sends this on behalf of another web site, whose pages must not be able to press our buttons in their
 * reader's network. Programs such as curl send neither header.
 */
export function isCrossSite(request: Request): boolean {
  const site = request.headers.get('Sec-Fetch-Site')
  // What the browser itself says holds behind a reverse proxy too, whose Host may be another one.
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  const origin = request.headers.get('Origin')
  if (origin === null) return false
  const host = request.headers.get('Host') ?? new URL(request.url).host
  return !URL.canParse(origin) || new URL(origin).host !== host
}

/**
 * Whether the request names us by an address or as `localhost`. A name may have been pointed here by somebody else (DNS
 * rebinding), whose pages then are of the same site as we are.
 */
export function isNamedByAddress(request: Request): boolean {
  const { hostname } = new URL(request.url)
  return hostname === 'localhost' || hostname.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(hostname)
}
