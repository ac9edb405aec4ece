/** What an HTTP error status says about a tracker, in words; null for one that explains nothing. */
export function explainStatus(status: number): string | null {
  if (status === 401 || status === 407) return 'asks for a login'
  if (status === 403) return 'access denied'
  if (status === 404 || status === 410) return 'nothing at this path'
  if (status === 429 || status === 503) return 'overloaded'
  // Of Cloudflare, which has not reached the tracker behind it.
  if (status >= 520 && status <= 527) return 'origin unreachable behind Cloudflare'
  return status >= 500 && status <= 599 ? 'server error' : null
}
