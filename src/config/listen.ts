import { isIPv6 } from 'node:net'

/** Where the HTTP server listens. */
export interface ListenAddress {
  /** IP address or name, IPv6 without brackets. */
  readonly host: string
  /** 0 to 65535; 0 lets the system choose a free port. */
  readonly port: number
}

/** `127.0.0.1:10069`, `localhost:0`, `[::]:10069` → the address, or null if the text is none. */
export function parseListen(text: string): ListenAddress | null {
  const match = /^(?:\[([^\]]+)\]|([a-z0-9._-]+)):(\d{1,5})$/i.exec(text)
  if (match === null) return null
  const [, ipv6, name, digits] = match
  const port = Number(digits)
  if (port > 65535 || (ipv6 !== undefined && !isIPv6(ipv6))) return null
  return { host: ipv6 ?? name ?? '', port }
}
