/** Whether the header `Accept-Encoding` allows gzip (RFC 9110, 12.5.3). */
export function understandsGzip(accepted: string | undefined): boolean {
  return (accepted ?? '').split(',').some((part) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(part))
}
