import type { LinkedIncident } from '../../store/store.js'

/** Incidents that seem to have one cause, newest first, or one that stands alone. */
export interface IncidentGroup {
  readonly incidents: readonly LinkedIncident[]
  /** Whether they are linked, to each other or to some that are not shown. */
  readonly isLinked: boolean
}

export interface IncidentDay {
  /** `2026-11-22`, UTC. */
  readonly day: string
  readonly groups: readonly IncidentGroup[]
}

/** Newest first → days, newest first; a group stands on the day on which its newest began. Pure. */
export function daysOf(incidents: readonly LinkedIncident[]): readonly IncidentDay[] {
  const groups = new Map<string, LinkedIncident[]>()
  for (const incident of incidents) {
    const key = incident.linked ?? incident.id
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [incident])
    else group.push(incident)
  }
  const days = new Map<string, IncidentGroup[]>()
  for (const group of groups.values()) {
    const [newest] = group
    if (newest === undefined) continue
    const day = newest.from.toISOString().slice(0, 10)
    const ofDay = days.get(day) ?? []
    ofDay.push({ incidents: group, isLinked: newest.linked !== null })
    days.set(day, ofDay)
  }
  return [...days].map(([day, ofDay]) => ({ day, groups: ofDay }))
}

/** What several of a group have in common: the minutes in which they began, and where their trackers are. */
export interface Shared {
  /** The beginnings of minutes, the earliest first. */
  readonly minutes: readonly Date[]
  /** How many began in one of these. */
  readonly inMinutes: number
  readonly addresses: readonly string[]
}

const MINUTE_MS = 60_000

export function sharedBy(
  incidents: readonly LinkedIncident[],
  addressesOf: (url: string) => readonly string[],
): Shared {
  const begun = incidents.map(({ from }) => Math.floor(from.getTime() / MINUTE_MS))
  const minutes = inSeveral(begun.map((minute) => [minute]))
  const urls = [...new Set(incidents.map(({ url }) => url))]
  return {
    minutes: minutes.toSorted((a, b) => a - b).map((minute) => new Date(minute * MINUTE_MS)),
    inMinutes: begun.filter((minute) => minutes.includes(minute)).length,
    addresses: inSeveral(urls.map((url) => [...new Set(addressesOf(url))])),
  }
}

function inSeveral<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const counts = new Map<T, number>()
  for (const one of lists.flat()) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].filter(([, count]) => count > 1).map(([one]) => one)
}
