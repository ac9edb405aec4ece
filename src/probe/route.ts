import type { Outcome, SkippedOutcome } from '../tracker/outcome.js'
import { createDatagramSocket } from './udp/datagram-socket.js'

/** Root name servers, which stand for anywhere else. Nothing is sent to them. */
const ANYWHERE = { 4: '198.41.0.4', 6: '2001:503:ba3e::2:30' } as const
/** How systems say that there is no way, or no address to go it from. */
const NO_ROUTE = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EACCES',
  'EINVAL',
])

/**
 * Whether this machine has a way to an address, by default to the rest of the world. Asks its routing table alone: to
 * connect a datagram socket sends nothing.
 */
function hasRoute(family: 4 | 6, address: string = ANYWHERE[family]): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createDatagramSocket(family)
    const settle = (error?: NodeJS.ErrnoException | null): void => {
      socket.close()
      resolve(!NO_ROUTE.has(error?.code ?? ''))
    }
    socket.once('error', settle)
    socket.connect(53, address, settle)
  })
}

/**
 * That a tracker cannot be reached says nothing about it where nothing can be reached over the family. A network without
 * a way out still has its neighbours: one of those that does not answer is down.
 */
export async function excuseNoRoute<T extends Outcome>(
  outcome: T,
  { family, address }: { readonly family: 4 | 6; readonly address?: string | undefined },
): Promise<T | SkippedOutcome> {
  const isSuspect =
    (outcome.kind === 'failed' && outcome.code === 'net.unreachable') ||
    // A machine whose IPv6 is switched off has no address to send from.
    (outcome.kind === 'skipped' && outcome.code === 'local.resource')
  if (!isSuspect || (await hasRoute(family)) || (address !== undefined && (await hasRoute(family, address))))
    return outcome
  return {
    kind: 'skipped',
    reason: family === 4 ? 'no_ipv4' : 'no_ipv6',
    code: `local.no_ipv${family}`,
    detail: `this machine has no way out over IPv${family}`,
  }
}
