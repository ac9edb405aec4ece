import { z } from 'zod'
import { bep34Modes, redirectModes, tlsModes } from '../tracker/policy.js'
import { duration, headers, infoHash, userAgent } from './fields.js'

/** Of one announce after the other, at every check. */
export const MAX_REFERENCES = 4

export const family = z.literal(['both', 4, 6])
export const referenceInfoHashes = z.array(infoHash).max(MAX_REFERENCES)

/** The keys of `probe` that trackers may have for themselves, by their group or by a module of `/probe`. */
export const ownPolicy = {
  family: family.exactOptional().describe('Address families to probe, instead of `probe.family`.'),
  timeout: duration('10ms', '5m', 'Time for one probe, instead of `probe.timeout`.').exactOptional(),
  allow_private: z.boolean().exactOptional().describe('Instead of `probe.allow_private`.'),
  bep34: z.enum(bep34Modes).exactOptional().describe('Instead of `probe.bep34`.'),
  tls: z.enum(tlsModes).exactOptional().describe('Instead of `probe.tls`.'),
  redirects: z.enum(redirectModes).exactOptional().describe('Instead of `probe.redirects`.'),
  user_agent: userAgent.exactOptional().describe('Instead of `probe.user_agent`.'),
  headers: headers.exactOptional().describe('Instead of `probe.headers`, all of them.'),
  info_hash: infoHash
    .optional()
    .describe('Torrent to announce, 40 hex digits or 32 base32 characters, instead of one that nobody has.'),
  reference_info_hashes: referenceInfoHashes.exactOptional().describe('Instead of `probe.reference_info_hashes`.'),
  keeps_peers: z.boolean().exactOptional().describe('Instead of `probe.keeps_peers`.'),
}
