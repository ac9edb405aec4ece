import type { FailureReason } from '../../tracker/outcome.js'

/** What its operator may look at, by reason and, where that says more, by code. Sentences without a full stop. */
const reasonAdvice: Readonly<Record<FailureReason, string>> = {
  dns: 'Look at the name servers of the domain, and whether the name is still registered',
  unreachable: 'Look at the routing to the host, and whether the address in its DNS record is still its own',
  refused: 'Look whether the tracker runs and listens on this port, on this address family too',
  timeout: 'Look whether the tracker runs, and whether a firewall drops what comes to its port',
  reset: 'Look for a proxy or firewall in front that cuts connections, and into the log of the tracker',
  tls: 'Look at the certificate and the TLS settings: most clients refuse such a connection too',
  http_status: 'Look into the log of the web server in front: the status comes from there or from the tracker',
  redirected: 'Announce the URL to which it redirects: not every client follows',
  not_a_tracker: 'Look whether the path of the URL is right and leads to the tracker, not to a web page',
  malformed: 'The software of the tracker answers in a way that clients may not read: look for a newer version',
}

const codeAdvice: Readonly<Record<string, string>> = {
  'tls.cert_expired': 'Renew the certificate',
  'tls.cert_untrusted': 'Send the intermediate certificates too',
  'tls.cert_name_mismatch': 'Get a certificate that has this name in it',
  'tls.not_tls': 'Announce the URL with http://, or have the port speak TLS',
  'udp.reply_from_other_address': 'Bind the tracker to the address at which it is asked',
  'http.challenge': 'Take the announce path out of the bot check: clients cannot pass it',
  not_registered: 'Nothing is wrong with a tracker of registered torrents; alive_when: response counts it as alive',
  auth: 'Nothing is wrong with a private tracker; alive_when: response counts it as alive',
  rate_limited: 'This monitor asks it too often: give its group a slower schedule',
}

export function adviceFor({
  reason,
  code,
}: {
  readonly reason: string | null
  readonly code: string | null
}): string | null {
  return wordOf(codeAdvice, code) ?? wordOf(reasonAdvice, reason)
}

function wordOf(words: Readonly<Record<string, string>>, key: string | null): string | null {
  return key !== null && Object.hasOwn(words, key) ? (words[key] ?? null) : null
}
