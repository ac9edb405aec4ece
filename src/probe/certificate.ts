import { checkServerIdentity, type TLSSocket } from 'node:tls'
import { sanitiseText } from '../bittorrent/rejection.js'
import type { Flag } from '../tracker/outcome.js'

/** What can be wrong with a certificate: the code of a failure, or a flag where the check goes on regardless. */
export type CertificateFault = Exclude<Extract<Flag, `tls.cert_${string}`>, 'tls.cert_expiring'>

/** A server's certificate, as far as a check is concerned. */
export interface Certificate {
  /** Null where it does not say. */
  readonly expiresAt: Date | null
  /** All that is wrong with it, what OpenSSL refused first. Empty where clients accept it. */
  readonly faults: readonly CertificateFault[]
  /** The faults in OpenSSL's and Node's words; empty without any. */
  readonly complaint: string
}

const FAULTS: Readonly<Record<string, CertificateFault>> = {
  CERT_HAS_EXPIRED: 'tls.cert_expired',
  CERT_NOT_YET_VALID: 'tls.cert_not_yet_valid',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls.cert_self_signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls.cert_self_signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls.cert_untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls.cert_untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls.cert_untrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls.cert_name_mismatch',
}

/**
 * Judges the certificate on a connection whose handshake is over. OpenSSL tells one fault, and Node looks at the name
 * only where there is none: the dates and the name are looked at here as well, so that mending one fault does not
 * bring up the next.
 */
export function judgeCertificate(secured: TLSSocket, host: string): Certificate {
  const certificate = secured.getPeerCertificate()
  const expiresAt = dateOf(certificate.valid_to)
  if (secured.authorized) return { expiresAt, faults: [], complaint: '' }
  const validFrom = dateOf(certificate.valid_from)
  const now = Date.now()
  const codes = [String(secured.authorizationError)]
  if (expiresAt !== null && expiresAt.getTime() < now) codes.push('CERT_HAS_EXPIRED')
  if (validFrom !== null && validFrom.getTime() > now) codes.push('CERT_NOT_YET_VALID')
  if (checkServerIdentity(host, certificate) !== undefined) codes.push('ERR_TLS_CERT_ALTNAME_INVALID')
  const complaints = [...new Set(codes)].map((code) =>
    code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? `${code}, its names are ${namesOf(certificate.subjectaltname)}` : code,
  )
  return {
    expiresAt,
    faults: [...new Set(codes.map((code) => FAULTS[code] ?? 'tls.cert_other'))],
    complaint: complaints.join('; '),
  }
}

function dateOf(text: string | undefined): Date | null {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) ? null : new Date(ms)
}

/** The names are a stranger's text. */
function namesOf(names: string | undefined): string {
  return names === undefined ? '(none)' : sanitiseText(names)
}
