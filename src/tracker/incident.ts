import { createHash } from 'node:crypto'
import { type Gap, isAliveStatus, isObservedStatus, type Status, type StatusChange } from './health.js'
import type { AliveWhen } from './policy.js'
import { walkGaps } from './uptime.js'

/** A stretch of consecutive bad time of one tracker. */
export interface Incident {
  /** When the first bad status began. */
  readonly from: Date
  /**
   * When the tracker was seen alive again, exclusive; null while it lasts. Of a tracker that is watched no more: when
   * that began, until it is watched again.
   */
  readonly to: Date | null
  /** Whether it ended with the tracker alive. */
  readonly recovered: boolean
  /** The observed bad time, ms: at most what lies between `from` and `to`. */
  readonly durationMs: number
  /** The worst status in it. */
  readonly worst: 'rejecting' | 'down'
  /** Of the change that began it. */
  readonly reason: StatusChange['reason']
  readonly code: string | null
  readonly message: string | null
}

export interface IncidentInput {
  /**
   * Ascending in time, beginning with the first ever or with one after which the tracker was alive. Those from one bad
   * status to another tell the worst status, and nothing else.
   */
  readonly changes: readonly StatusChange[]
  /** Ascending, with the one that has not been closed yet. */
  readonly gaps: readonly Gap[]
  readonly aliveWhen: AliveWhen
  /** Up to when the last of the changes holds: the present, or the next change. */
  readonly until: Date
  /** Since when the tracker is watched no more; null if it is watched. */
  readonly archivedAt: Date | null
}

/**
 * Status changes → incidents, oldest first. Only a status that is alive ends an incident. Time in which nothing was
 * observed (skipped checks, a stopped monitor, a pause) neither ends it nor counts into its duration, so a tracker that
 * is down before and after is down once; where it is alive afterwards, the incident ends when that is seen. Pure.
 */
export function incidentsOf({ changes, gaps, aliveWhen, until, archivedAt }: IncidentInput): readonly Incident[] {
  const incidents: Incident[] = []
  const gapsUntil = walkGaps(gaps)
  let open: Incident | null = null
  let status: Status = 'pending'
  let since = Number.NEGATIVE_INFINITY
  const account = (toMs: number): void => {
    if (open === null || toMs <= since) return
    const skippedMs = gapsUntil(since, toMs)
    if (isBadStatus(status, aliveWhen)) open = { ...open, durationMs: open.durationMs + toMs - since - skippedMs }
  }
  const close = (to: Date, recovered: boolean): void => {
    if (open !== null && to > open.from) incidents.push({ ...open, to, recovered })
    open = null
  }
  for (const change of changes) {
    account(change.at.getTime())
    status = change.to
    since = change.at.getTime()
    if (isAliveStatus(status, aliveWhen)) close(change.at, true)
    else if (isBadStatus(status, aliveWhen)) open = worsened(open ?? begun(change), status)
  }
  if (open === null) return incidents
  const end = archivedAt !== null && archivedAt < until ? archivedAt : until
  account(end.getTime())
  if (archivedAt === null) incidents.push(open)
  else close(end, false)
  return incidents
}

/** Whether time in this status belongs to an incident: the status tells of the tracker, and nothing good. */
export function isBadStatus(status: Status, aliveWhen: AliveWhen): boolean {
  return isObservedStatus(status) && !isAliveStatus(status, aliveWhen)
}

function begun({ at, reason, code, message }: StatusChange): Incident {
  return { from: at, to: null, recovered: false, durationMs: 0, worst: 'rejecting', reason, code, message }
}

function worsened(incident: Incident, status: Status): Incident {
  return status === 'down' ? { ...incident, worst: 'down' } : incident
}

/** Stable public identifier of an incident: the same in every answer and database. 12 hex digits. */
export function incidentId(url: string, from: Date): string {
  return createHash('sha256').update(`${url}\n${from.toISOString()}`).digest('hex').slice(0, 12)
}
