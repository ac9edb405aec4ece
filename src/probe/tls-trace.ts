import type { PeerCertificate, TLSSocket } from 'node:tls'
import type { TlsEstablished, TraceCertificate } from './trace.js'

/** What to tell of a connection whose handshake is over, and of what is wrong with its certificate. */
export function tlsEstablished(secured: TLSSocket, faults: readonly string[]): TlsEstablished {
  return {
    kind: 'tls_established',
    protocol: secured.getProtocol(),
    cipher: secured.getCipher()?.name ?? null,
    certificate: certificateOf(secured.getPeerCertificate()),
    faults,
  }
}

/** Without a certificate Node hands out an empty object. */
function certificateOf(shown: Partial<PeerCertificate>): TraceCertificate | null {
  if (shown.valid_to === undefined) return null
  return {
    subject: nameOf(shown.subject),
    issuer: nameOf(shown.issuer),
    names: shown.subjectaltname ?? null,
    validFrom: shown.valid_from ?? '',
    validTo: shown.valid_to,
  }
}

/** `CN=tracker.example, O=Example`; a part that occurs several times comes as a list. */
function nameOf(name: Readonly<Record<string, string | readonly string[] | undefined>> | undefined): string {
  return Object.entries(name ?? {})
    .flatMap(([part, value]) => [value ?? ''].flat().map((one) => `${part}=${one}`))
    .join(', ')
}
