import { type Incident, incidentId } from './incident.js'
import { HOUR_MS } from './time.js'

/** An incident with what is needed to find those that belong together with it. */
export interface LinkableIncident extends Pick<Incident, 'from' | 'to'> {
  readonly url: string
  /** At which its tracker was probed around that time. */
  readonly addresses: readonly string[]
}

/** Trackers at one address that fail together begin to do so within this time: an hourly check is the latest to tell. */
export const LINK_MS = HOUR_MS
const MINUTE_MS = 60_000

/**
 * The group of each incident, by position; null for one that stands alone. Two incidents belong together if they begin
 * in the same minute (UTC), or if their trackers share an address and the later one begins while the earlier one lasts,
 * less than an hour after its beginning; and so do those that each belong together with a third. The name of a group is
 * the id of its earliest incident, so it does not change when later ones join. Pure; the order is of no account.
 */
export function linkIncidents(incidents: readonly LinkableIncident[]): readonly (string | null)[] {
  const order = incidents.map((_, index) => index).sort((a, b) => compare(incidents[a], incidents[b]))
  const groups = createGroups(incidents.length)
  const minutes = new Map<number, number>()
  const places = new Map<string, { readonly member: number; readonly untilMs: number }>()
  for (const index of order) {
    const incident = incidents[index]
    if (incident === undefined) continue
    const fromMs = incident.from.getTime()
    const minute = Math.floor(fromMs / MINUTE_MS)
    groups.join(minutes.get(minute) ?? index, index)
    minutes.set(minute, index)
    const untilMs = Math.min(incident.to?.getTime() ?? Number.POSITIVE_INFINITY, fromMs + LINK_MS)
    for (const address of incident.addresses) {
      // All that still last at an address are of one group already, so one stands for them, until the last of them ends.
      const earlier = places.get(address)
      const lasts = earlier !== undefined && fromMs < earlier.untilMs
      if (lasts) groups.join(earlier.member, index)
      places.set(address, { member: index, untilMs: lasts ? Math.max(earlier.untilMs, untilMs) : untilMs })
    }
  }
  return namesOf(incidents, order, groups)
}

function namesOf(
  incidents: readonly LinkableIncident[],
  order: readonly number[],
  groups: Groups,
): readonly (string | null)[] {
  const earliest = new Map<number, LinkableIncident>()
  const names = new Map<number, string>()
  for (const index of order) {
    const group = groups.of(index)
    const first = earliest.get(group)
    const incident = incidents[index]
    if (first !== undefined) names.set(group, names.get(group) ?? incidentId(first.url, first.from))
    else if (incident !== undefined) earliest.set(group, incident)
  }
  return incidents.map((_, index) => names.get(groups.of(index)) ?? null)
}

function compare(one: LinkableIncident | undefined, other: LinkableIncident | undefined): number {
  if (one === undefined || other === undefined) return 0
  return one.from.getTime() - other.from.getTime() || (one.url < other.url ? -1 : one.url > other.url ? 1 : 0)
}

interface Groups {
  /** The member that stands for the whole group. */
  of(member: number): number
  join(one: number, other: number): void
}

/** Disjoint sets of the numbers below `size`. */
function createGroups(size: number): Groups {
  const parents = Array.from({ length: size }, (_, index) => index)
  const of = (member: number): number => {
    let at = member
    for (let parent = parents[at] ?? at; parent !== at; parent = parents[at] ?? at) {
      parents[at] = parents[parent] ?? parent
      at = parent
    }
    return at
  }
  return {
    of,
    join(one, other) {
      parents[of(other)] = of(one)
    },
  }
}
