import type { RecentCheck } from '../../store/store.js'
import { statusWords } from '../../tracker/explain.js'
import type { Status } from '../../tracker/health.js'
import { maskUrl } from '../../tracker/mask.js'
import { isAlive } from '../../tracker/outcome.js'
import type { Place } from '../../tracker/place.js'
import { siblingsOf } from '../../tracker/siblings.js'
import type { Entry } from '../../tracker/state.js'
import { type Reason, whyOf } from './why.js'

/** What the status page says about a tracker. */
export interface StatusLine {
  readonly entry: Entry
  readonly status: Status
  /** The announce URL, secrets masked. */
  readonly name: string
  readonly why: Reason | null
  /** Newest first. */
  readonly checks: readonly RecentCheck[]
  readonly families: readonly FamilyMark[]
  /** Seconds that the last answer asks clients to wait; null where it did not say or there was none. */
  readonly intervalS: number | null
  readonly places: readonly Place[]
  /** Those that seem to belong together with this one. */
  readonly siblings: { readonly count: number /** Masked URLs of the first few. */; readonly names: readonly string[] }
}

/** Related trackers that are named. */
const NAMED_SIBLINGS = 3

/** An address family over which the last check went. */
export interface FamilyMark {
  readonly family: 4 | 6
  readonly addresses: readonly string[]
  /** Whether an address of it answered as it should. */
  readonly answers: boolean
}

interface LineSources {
  readonly recent: ReadonlyMap<string, readonly RecentCheck[]>
  readonly placeOf: (address: string) => Place | null
}

/** One line for each entry, in their order. Reads every source once for all. */
export function statusLines(entries: readonly Entry[], { recent, placeOf }: LineSources): readonly StatusLine[] {
  const siblings = siblingsOf(entries)
  const names = new Map(entries.map(({ tracker }) => [tracker.url, maskUrl(tracker.url)]))
  const nameOf = ({ tracker }: Entry): string => names.get(tracker.url) ?? ''
  return entries.map((entry) => {
    const { health, last, tracker } = entry
    const outcome = last?.outcome
    const others = siblings.get(tracker.url) ?? []
    return {
      entry,
      status: health?.status ?? 'pending',
      name: nameOf(entry),
      why: whyOf(entry),
      checks: recent.get(tracker.url) ?? [],
      families: familiesOf(entry),
      intervalS: outcome?.kind === 'ok' ? outcome.announce.intervalS : null,
      places: placesOf(entry, placeOf),
      siblings: { count: others.length, names: others.slice(0, NAMED_SIBLINGS).map(nameOf) },
    }
  })
}

/** What a search looks through: what the reader sees. */
export function searchTextOf({
  entry,
  name,
  status,
  why,
}: Pick<StatusLine, 'entry' | 'name' | 'status' | 'why'>): string {
  return [name, entry.tracker.host, statusWords[status], why?.sentence, why?.said].join('\n').toLowerCase()
}

function familiesOf({ last, aliveWhen }: Entry): readonly FamilyMark[] {
  const probes = last?.probes ?? []
  return ([4, 6] as const).flatMap((family) => {
    const own = probes.filter((probe) => probe.family === family)
    if (own.length === 0) return []
    const addresses = own.map(({ address }) => address)
    return [{ family, addresses, answers: own.some(({ outcome }) => isAlive(outcome, aliveWhen)) }]
  })
}

function placesOf({ last }: Entry, placeOf: LineSources['placeOf']): readonly Place[] {
  const places = (last?.probes ?? []).flatMap(({ address }) => placeOf(address) ?? [])
  return places.filter(
    ({ country, network }, at) =>
      places.findIndex((other) => other.country === country && other.network === network) === at,
  )
}
