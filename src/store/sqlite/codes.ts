import type { FailureReason, Outcome, SkipReason } from '../../tracker/outcome.js'
import { StoreError } from '../errors.js'

/** Numbers that stand in `check_result` for words. A number that was ever used never changes its meaning. */
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
} as const satisfies Record<FailureReason | SkipReason, number>

/** Outcomes in which the tracker answered in protocol, so that the latency is the tracker's. */
export const answeredCodes: readonly number[] = [outcomeCodes.ok, outcomeCodes.rejected]

const outcomeWords = inverted(outcomeCodes)
const reasonWords = inverted(reasonCodes)

export function outcomeWord(code: number): Outcome['kind'] {
  return outcomeWords.get(code) ?? unknown('outcome', code)
}

export function reasonWord(code: number): FailureReason | SkipReason {
  return reasonWords.get(code) ?? unknown('reason', code)
}

function inverted<Word extends string>(codes: Readonly<Record<Word, number>>): ReadonlyMap<number, Word> {
  const words = new Map<number, Word>()
  for (const word in codes) words.set(codes[word], word)
  return words
}

function unknown(what: string, code: number): never {
  throw new StoreError(`${what} ${code} in the history, expected one that this program knows: run "db verify"`)
}
