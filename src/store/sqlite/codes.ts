import type { FailureReason, Outcome, SkipReason } from '../../tracker/outcome.js'
import { StoreError } from '../errors.js'

/** Numbers that stand in the history for words. A number that was ever used never changes its meaning. */
export const outcomeCodes = { ok: 0, rejected: 1, failed: 2, skipped: 3 } as const satisfies Record<
  Outcome['kind'],
  number
>

export const reasonCodes = {
  dns: 1,
  unreachable: 2,
  refused: 3,
  timeout: 4,
  reset: 5,
  tls: 6,
  http_status: 7,
  redirected: 8,
  not_a_tracker: 9,
  malformed: 10,
  overlay_network: 64,
  private_address: 65,
  local_name: 66,
  opted_out: 67,
  no_ipv4: 68,
  no_ipv6: 69,
  uplink_down: 70,
  too_soon: 71,
  local_error: 72,
  invalid_url: 73,
  paused: 74,
} as const satisfies Record<FailureReason | SkipReason, number>

/** Address families as stored: SQLite keeps 0 and 1 without a byte. `none`: a check that decided without a probe. */
export const familyCodes = { 4: 0, 6: 1, none: 2 } as const

export function familyOf(code: number): 4 | 6 | null {
  if (code === familyCodes[4]) return 4
  return code === familyCodes[6] ? 6 : null
}

/** The vantage that this program checks from. */
export const HERE = 0

/** Outcomes in which the tracker answered in protocol, so that the latency is the tracker's. */
const answeredCodes: readonly number[] = [outcomeCodes.ok, outcomeCodes.rejected]

/** The verdicts that decided a check in which the tracker answered, as a subquery. */
export const answeredVerdicts = `SELECT id FROM verdict WHERE decisive = 1 AND outcome IN (${answeredCodes.join(', ')})`

const outcomeWords = inverted(outcomeCodes)
const reasonWords = inverted(reasonCodes)

export function outcomeWord(code: number): Outcome['kind'] {
  return outcomeWords.get(code) ?? unknown('outcome', code)
}

/** Null for 0, which stands for no reason. */
export function reasonWord(code: number): FailureReason | SkipReason | null {
  return code === 0 ? null : (reasonWords.get(code) ?? unknown('reason', code))
}

function inverted<Word extends string>(codes: Readonly<Record<Word, number>>): ReadonlyMap<number, Word> {
  const words = new Map<number, Word>()
  for (const word in codes) words.set(codes[word], word)
  return words
}

function unknown(what: string, code: number): never {
  throw new StoreError(`${what} ${code} in the history, expected one that this program knows: run "db verify"`)
}
