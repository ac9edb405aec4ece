/** What a reader takes, by the headers of the request (RFC 9110, 12.5). */

/** By `Accept-Encoding`: what is said of gzip counts before what is said of all encodings. */
export function understandsGzip(accepted: string | undefined): boolean {
  return (weightOf('gzip', accepted) ?? weightOf('*', accepted) ?? 0) > 0
}

/** By `Accept`, where browsers name HTML. A program that takes anything gets what is made for programs. */
export function readsHtml(accepted: string | undefined): boolean {
  return (weightOf('text/html', accepted) ?? 0) > 0
}

/** From 0, not at all, to 1; null for what is not named. */
function weightOf(name: string, list = ''): number | null {
  const named = list
    .toLowerCase()
    .split(',')
    .find((part) => part.replace(/;.*/, '').trim() === name)
  if (named === undefined) return null
  const weight = /;\s*q=([\d.]+)/.exec(named)?.[1]
  return weight === undefined ? 1 : Number(weight)
}
