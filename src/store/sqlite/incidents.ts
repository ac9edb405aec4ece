import type Database from 'better-sqlite3'
import { type Gap, isAliveStatus, type StatusChange, unobservedStart } from '../../tracker/health.js'
import { type Incident, incidentId, incidentsOf, isBadStatus } from '../../tracker/incident.js'
import { LINK_MS, type LinkableIncident, linkIncidents } from '../../tracker/incident-links.js'
import { DAY_MS } from '../../tracker/time.js'
import type { Window } from '../../tracker/uptime.js'
import { StoreError } from '../errors.js'
import type { LinkedIncident } from '../store.js'
import type { Addresses } from './addresses.js'
import { type ChangesAround, createChangesAround, type Position } from './changes-around.js'
import {
  createSubjects,
  type Pages,
  type Place,
  preparePages,
  type Subject,
  type Subjects,
} from './incident-sources.js'
import type { LateStates } from './late-states.js'
import { createRest } from './turns.js'

/** The incidents of all trackers, or of the one with this number, newest first, see `Store.incidents`. */
export type ReadIncidents = (
  window: Window,
  at: Date,
  limit: number,
  signal: AbortSignal,
  only?: number,
) => Promise<readonly LinkedIncident[]>

/** In an answer, and as many around them: to link those takes a turn of some ms. */
const MOST_INCIDENTS = 5000

interface Found extends Incident {
  readonly subject: Subject
}

/** What one read shares. */
interface Reading {
  readonly at: Date
  readonly subjects: Subjects
  readonly around: ChangesAround
  readonly pages: Pages
  /** Gives the event loop its turn, when it is time for one. */
  readonly rest: () => Promise<void>
}

export function createIncidents(
  client: Database.Database,
  addresses: Addresses,
  late: Pick<LateStates, 'of'>,
): ReadIncidents {
  const around = createChangesAround(client)
  const pages = preparePages(client)
  return async (window, at, limit, signal, only) => {
    const reading: Reading = {
      at,
      subjects: createSubjects(client, late),
      around,
      pages,
      rest: createRestUnless(signal),
    }
    const found = await newest(reading, window, Math.min(limit, MOST_INCIDENTS), only)
    const nearby = await beginningNear(reading, found)
    const linkable: LinkableIncident[] = []
    for (const { subject, from, to } of [...found, ...nearby]) {
      await reading.rest()
      // The name may resolve no more while the tracker is down.
      const since = new Date(from.getTime() - DAY_MS)
      linkable.push({ url: subject.url, from, to, addresses: addresses.between(subject.id, since, to ?? at) })
    }
    const groups = linkIncidents(linkable)
    const incidents: LinkedIncident[] = []
    for (const [index, { subject, ...incident }] of found.entries()) {
      await reading.rest()
      const { url } = subject
      incidents.push({ ...incident, id: incidentId(url, incident.from), url, linked: groups[index] ?? null })
    }
    return incidents
  }
}

async function newest(reading: Reading, { from, to }: Window, limit: number, only?: number): Promise<readonly Found[]> {
  const { at, subjects, rest } = reading
  const fromMs = from.getTime()
  const found: Found[] = []
  for await (const incident of beginningIn(reading, fromMs, Math.min(to.getTime(), at.getTime() + 1), only)) {
    if (found.length >= limit) return found
    found.push(incident)
  }
  if (found.length >= limit) return found
  const under: Found[] = []
  for (const subject of only === undefined ? subjects.all() : [subjects.get(only)]) {
    await rest()
    if (subject === null) continue
    const incident = incidentAround(reading, subject, { atMs: fromMs, confirmedMs: 0 })
    const overlaps = incident !== null && incident.from < from && (incident.to === null || incident.to > from)
    if (overlaps) under.push(incident)
  }
  under.sort(
    (one, other) => other.from.getTime() - one.from.getTime() || (one.subject.url < other.subject.url ? -1 : 1),
  )
  return [...found, ...under.slice(0, limit - found.length)]
}

/** The incidents that begin in `[fromMs, toMs)`, newest first. */
async function* beginningIn(reading: Reading, fromMs: number, toMs: number, only?: number): AsyncGenerator<Found> {
  const { subjects, pages, rest } = reading
  let place: Place = { atMs: toMs, trackerId: 0, confirmedMs: 0 }
  for (;;) {
    await rest()
    const page = pages(fromMs, place, only)
    for (const change of page) {
      place = change
      const subject = subjects.get(change.trackerId)
      if (subject === null || !mayBegin(change, subject)) continue
      await rest()
      const incident = incidentAround(reading, subject, change)
      // A bad status after a pause goes on with what was before it.
      if (incident?.from.getTime() === change.atMs) yield incident
    }
    if (page.length === 0) return
  }
}

function mayBegin({ from, to }: Pick<StatusChange, 'from' | 'to'>, { aliveWhen }: Subject): boolean {
  return isBadStatus(to, aliveWhen) && !isBadStatus(from, aliveWhen)
}

/** Other incidents that begin soon enough before or after one of these to belong together with it. */
async function beginningNear(reading: Reading, found: readonly Found[]): Promise<readonly Found[]> {
  const known = new Set(found.map(({ subject, from }) => `${subject.id} ${from.getTime()}`))
  const nearby: Found[] = []
  let doneMs = Number.POSITIVE_INFINITY
  for (const { from } of found) {
    const fromMs = from.getTime() - LINK_MS
    const toMs = Math.min(from.getTime() + LINK_MS, doneMs)
    if (toMs <= fromMs) continue
    for await (const incident of beginningIn(reading, fromMs, toMs)) {
      if (nearby.length >= MOST_INCIDENTS) return nearby
      if (!known.has(`${incident.subject.id} ${incident.from.getTime()}`)) nearby.push(incident)
    }
    doneMs = fromMs
  }
  return nearby
}

/** The incident that goes on, or begins, at a place among the status changes of a tracker; null if it is not in one. */
function incidentAround({ at, around }: Reading, subject: Subject, position: Position): Found | null {
  const { id, aliveWhen, archivedAt, health } = subject
  // Later ones are of a clock that once stood ahead.
  const changes = around.changes(id, aliveWhen, position).filter((change) => change.at <= at)
  const [first, last] = [changes[0], changes.at(-1)]
  if (first === undefined || last === undefined) return null
  const until = archivedAt !== null && archivedAt < at ? archivedAt : at
  const gaps = around.gaps(id, first.at, isAliveStatus(last.to, aliveWhen) ? last.at : until)
  const unobserved = health === null ? null : unobservedStart(health, until)
  const open: readonly Gap[] = unobserved === null ? [] : [{ from: unobserved, to: until }]
  const [incident] = incidentsOf({ changes, gaps: [...gaps, ...open], aliveWhen, until, archivedAt })
  return incident === undefined ? null : { ...incident, subject }
}

/** Lets the event loop go on once the turn has lasted long enough. @throws {StoreError} once `signal` aborts */
function createRestUnless(signal: AbortSignal): () => Promise<void> {
  const rest = createRest()
  return async () => {
    await rest()
    if (signal.aborted) throw new StoreError('the store was closed before all incidents were read')
  }
}
