import type { Exchange } from './exchange.js'
import type { AnnounceRequest, Answer, Target } from './prober.js'
import { probers } from './probers.js'
import { type FollowOptions, followRedirects } from './redirects.js'

/** One announce by the protocol of the target, and of each place that it redirects to. */
export function announceTo(
  target: Target,
  request: AnnounceRequest,
  exchange: Exchange,
  options: FollowOptions,
): Promise<Answer> {
  return followRedirects(target, options, exchange, (hop) =>
    probers[hop.tracker.scheme].announce(hop, request, exchange),
  )
}
