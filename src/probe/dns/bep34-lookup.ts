import { type Bep34, parseBep34 } from '../../bittorrent/bep34.js'
import { DAY_MS, HOUR_MS } from '../../tracker/time.js'

/** What is known of a host's BEP 34 record. */
export interface Bep34Answer {
  /** Null where there is none, or none is known of. */
  readonly record: Bep34 | null
  /** The name servers did not say; `record` is what they said before, if anything. */
  readonly unknown: boolean
}

/** The answer for a host. Concurrent calls for one host share one query. Never rejects for a fault of the DNS. */
export type Bep34Lookup = (host: string) => Promise<Bep34Answer>

/** The TXT records of a host, each in its chunks; none where there is no such name. Null where nobody could say. */
export type AskTexts = (host: string) => Promise<readonly (readonly string[])[] | null>

/** c-ares does not tell the TTL of a TXT record, so each counts as one of an hour. */
const KNOWN_FOR_MS = HOUR_MS
const UNKNOWN_FOR_MS = 300_000
/** How long a record stays in force that nobody can confirm: a broken name server takes nobody's "no" back. */
const IN_FORCE_FOR_MS = DAY_MS
const CACHE_LIMIT = 20_000

export function createBep34Lookup(askTexts: AskTexts): Bep34Lookup {
  const answers = new Map<string, { readonly answer: Promise<Bep34Answer>; untilMs: number }>()
  const seen = new Map<string, { readonly record: Bep34; readonly untilMs: number }>()

  const ask = async (host: string): Promise<Bep34Answer> => {
    const texts = await askTexts(host)
    if (texts === null) {
      const earlier = seen.get(host)
      return { record: earlier !== undefined && earlier.untilMs > Date.now() ? earlier.record : null, unknown: true }
    }
    const record = parseBep34(texts)
    if (record === null) seen.delete(host)
    else seen.set(host, { record, untilMs: Date.now() + IN_FORCE_FOR_MS })
    return { record, unknown: false }
  }

  return (host) => {
    const known = answers.get(host)
    if (known !== undefined && known.untilMs > Date.now()) return known.answer
    for (const cache of [answers, seen]) if (cache.size >= CACHE_LIMIT) dropExpired(cache)
    const entry = { answer: ask(host), untilMs: Number.POSITIVE_INFINITY }
    answers.set(host, entry)
    return keepingTime(entry)
  }
}

/** The answer counts for a while from when it came. */
async function keepingTime(entry: { readonly answer: Promise<Bep34Answer>; untilMs: number }): Promise<Bep34Answer> {
  const answer = await entry.answer
  entry.untilMs = Date.now() + (answer.unknown ? UNKNOWN_FOR_MS : KNOWN_FOR_MS)
  return answer
}

function dropExpired(cache: Map<string, { readonly untilMs: number }>): void {
  const now = Date.now()
  for (const [host, { untilMs }] of cache) {
    if (untilMs <= now) cache.delete(host)
  }
}
