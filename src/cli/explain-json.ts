import type { CheckResult } from '../tracker/outcome.js'
import { checkJson } from './check-json.js'
import type { Entry } from './explain-entry.js'
import type { Shown } from './explain-shown.js'
import type { Exchange } from './explain-text.js'
import type { Verdict } from './explain-verdict.js'

interface Explained {
  readonly exchange: Exchange
  readonly verdict: Verdict
  readonly result: CheckResult
  readonly shown: Shown
}

/** What `check --explain --json` prints: every event in the order of time, the rule that decided, and the result. */
export function explainJson({ exchange, verdict, result, shown }: Explained) {
  const { url, entries, ignored } = exchange
  const plain = checkJson(result, url)
  const probes = plain.probes.map((probe) => ({ ...probe, message: maskedMessage(probe, shown) }))
  return {
    url,
    events: entries.map(entryJson),
    eventsLeftOut: ignored,
    verdict,
    result: { ...plain, message: maskedMessage(plain, shown), probes },
  }
}

/** A check knows the secrets of its tracker, not those of the places that this redirects to. */
function maskedMessage({ message }: { readonly message: string | null }, shown: Shown): string | null {
  return message === null ? null : shown.text(message)
}

function entryJson({ event, atMs, probe, direction, title, note, fields }: Entry) {
  return {
    atMs: Math.round(atMs * 1000) / 1000,
    event,
    family: probe?.family ?? null,
    address: probe?.address ?? null,
    direction: direction ?? null,
    title,
    note: note ?? null,
    fields: fields ?? [],
  }
}
