import type { Command } from 'commander'
import { parseInfoHash } from '../bittorrent/info-hash.js'
import { checkedHeaders } from '../bittorrent/request-headers.js'
import type { CheckTrackerOptions } from '../probe/check-trackers.js'
import type { AliveWhen, Bep34Mode, RedirectMode, TlsMode } from '../tracker/policy.js'
import { parseHeaders } from './answer.js'
import { quoted, UsageError } from './usage.js'
import { oneOf, parseValue } from './values.js'

/** The flags of `check` that say how a tracker is asked and judged, as a group of the configuration may. */
export interface PolicyFlags {
  readonly infoHash?: Uint8Array
  readonly aliveWhen: AliveWhen
  readonly allowPrivate?: true
  readonly bep34: Bep34Mode
  readonly tls: TlsMode
  readonly redirects: RedirectMode
  readonly header: Readonly<Record<string, string>>
  readonly userAgent?: string
}

export function addPolicyFlags(command: Command): Command {
  return command
    .option('--info-hash <hex>', 'announce this torrent (default: one that cannot exist)', (text: string) =>
      parseValue('--info-hash:', () => parseInfoHash(text)),
    )
    .option(
      '--alive-when <answer>',
      'announce: it serves an announce; response: a refusal counts too (default: announce)',
      oneOf<AliveWhen>('--alive-when', { announce: 'announce', response: 'response' }),
      'announce',
    )
    .option('--allow-private', 'contact loopback, private and local addresses too')
    .option(
      '--bep34 <mode>',
      'opt-outs in the DNS (BEP 34): obey, report (check and flag) or ignore (default: obey)',
      oneOf<Bep34Mode>('--bep34', { obey: 'obey', report: 'report', ignore: 'ignore' }),
      'obey',
    )
    .option(
      '--tls <mode>',
      'certificates that clients refuse: strict (failed) or report (go on and flag) (default: strict)',
      oneOf<TlsMode>('--tls', { strict: 'strict', report: 'report' }),
      'strict',
    )
    .option(
      '--redirects <mode>',
      'redirects: follow (and flag) or report (failed, the place is named) (default: follow)',
      oneOf<RedirectMode>('--redirects', { follow: 'follow', report: 'report' }),
      'follow',
    )
    .option('--header <header>', "'Name: value', HTTP and WebSocket only; repeatable", header, {})
    .option('--user-agent <text>', 'how to name ourselves over HTTP and WebSocket (default: trackerwatch)', userAgent)
}

export function policyOf(flags: PolicyFlags): CheckTrackerOptions {
  return {
    aliveWhen: flags.aliveWhen,
    allowPrivate: flags.allowPrivate ?? false,
    bep34: flags.bep34,
    tls: flags.tls,
    redirects: flags.redirects,
    headers: flags.header,
    ...(flags.userAgent === undefined ? {} : { userAgent: flags.userAgent }),
    ...(flags.infoHash === undefined ? {} : { infoHash: flags.infoHash }),
  }
}

/** Each use of the flag adds one. */
function header(line: string, earlier: PolicyFlags['header']): PolicyFlags['header'] {
  const given = parseHeaders([line])
  const [name = ''] = Object.keys(given)
  if (Object.hasOwn(earlier, name)) throw new UsageError(`--header: header ${name} is given twice`)
  return parseValue('--header:', () => checkedHeaders({ ...earlier, ...given }))
}

function userAgent(text: string): string {
  if (/^[\x20-\x7e]{1,256}$/.test(text)) return text
  throw new UsageError(`--user-agent is ${quoted(text)}, expected 1 to 256 printable ASCII characters`)
}
