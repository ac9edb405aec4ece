/** The trackers of the soak and its name server, in a process of their own. Ends with whoever started it. */
import { startDnsServer } from '../support/dns-server.js'
import { createAuthority } from '../support/tls.js'
import { kinds, type Target } from './targets.js'

export interface Farm {
  readonly targets: readonly Target[]
  /** `address:port` of a name server. */
  readonly dns: string
  /** The authority behind the certificates, PEM. */
  readonly caFile: string
}

const authority = createAuthority()
process.once('exit', () => authority.remove())
process.once('disconnect', () => process.exit(0))

const dns = await startDnsServer(({ name }) =>
  name.startsWith('tracker-') ? { addresses: ['127.0.0.1'], ttlS: 30 } : undefined,
)
const targets: Target[] = []
for (const [count, start] of kinds) {
  for (let index = 0; index < count; index++) targets.push(await start(targets.length, authority))
}
const farm: Farm = { targets, dns: dns.address, caFile: authority.caFile }
process.send?.(farm)
