import { setImmediate } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { and, asc, desc, eq, gte, inArray, isNotNull, lt } from 'drizzle-orm'
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import { alias } from 'drizzle-orm/sqlite-core'
import type { StatusChange } from '../../tracker/health.js'
import { type Flag, flagDegrades, type Phases } from '../../tracker/outcome.js'
import { quantileOf, type Window } from '../../tracker/uptime.js'
import type { LatencySummary, StoredCheck } from '../store.js'
import { toMs } from './check-rows.js'
import { answeredCodes, outcomeWord, reasonWord } from './codes.js'
import { DAY_MS } from './details.js'
import { checkResult, detail, statusChange } from './schema.js'

/** The cold reads. Long ones go day by day and leave the event loop free between. */
export interface History {
  changes(id: number, window: Window): readonly StatusChange[]
  checks(id: number, window: Window, limit: number): Promise<readonly StoredCheck[]>
  latency(id: number, window: Window): Promise<LatencySummary>
}

export function createHistory(client: Database.Database, db: BetterSQLite3Database): History {
  return {
    changes: (id, window) => selectChanges(db, id, window),
    async checks(id, window, limit) {
      const checks: StoredCheck[] = []
      for (const day of daysOf(client, window).toReversed()) {
        if (checks.length >= limit) break
        checks.push(...selectChecks(db, id, day, limit - checks.length).map(storedCheck))
        await setImmediate()
      }
      return checks
    },
    async latency(id, window) {
      const samples: number[] = []
      for (const day of daysOf(client, window)) {
        for (const us of selectLatencies(db, id, day)) samples.push(us)
        await setImmediate()
      }
      samples.sort((a, b) => a - b)
      const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((quantile) => toMs(quantileOf(samples, quantile)))
      return { samples: samples.length, p50Ms: p50Ms ?? null, p95Ms: p95Ms ?? null, p99Ms: p99Ms ?? null }
    },
  }
}

interface Span {
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

/** The part of the window in which there are checks, in pieces of a day. */
function daysOf(client: Database.Database, window: Window): readonly Span[] {
  const end = (order: 'ASC' | 'DESC') =>
    client.prepare<[], number>(`SELECT at_ms FROM check_result ORDER BY at_ms ${order} LIMIT 1`).pluck().get()
  const oldest = end('ASC')
  const newest = end('DESC')
  if (oldest === undefined || newest === undefined) return []
  const toMs = Math.min(window.to.getTime(), newest + 1)
  const days: Span[] = []
  for (let fromMs = Math.max(window.from.getTime(), oldest); fromMs < toMs; fromMs += DAY_MS) {
    days.push({ fromMs, toMs: Math.min(fromMs + DAY_MS, toMs) })
  }
  return days
}

function selectChanges(db: BetterSQLite3Database, id: number, window: Window): StatusChange[] {
  const { at, from, to, reason, code, message } = statusChange
  return db
    .select({ at, from, to, reason, code, message })
    .from(statusChange)
    .where(and(eq(statusChange.trackerId, id), gte(at, window.from), lt(at, window.to)))
    .orderBy(asc(at), asc(statusChange.confirmedAt))
    .all()
}

function within(id: number, { fromMs, toMs }: Span) {
  return and(gte(checkResult.atMs, fromMs), lt(checkResult.atMs, toMs), eq(checkResult.trackerId, id))
}

function selectLatencies(db: BetterSQLite3Database, id: number, span: Span): readonly number[] {
  const answered = and(
    eq(checkResult.decisive, 1),
    inArray(checkResult.outcome, [...answeredCodes]),
    isNotNull(checkResult.latencyUs),
  )
  const rows = db
    .select({ us: checkResult.latencyUs })
    .from(checkResult)
    .where(and(within(id, span), answered))
    .all()
  return rows.flatMap(({ us }) => us ?? [])
}

function selectChecks(db: BetterSQLite3Database, id: number, span: Span, limit: number) {
  const code = alias(detail, 'code')
  const message = alias(detail, 'message')
  const flags = alias(detail, 'flags')
  return db
    .select({ row: checkResult, code: code.text, message: message.text, flags: flags.text })
    .from(checkResult)
    .leftJoin(code, eq(code.id, checkResult.codeId))
    .leftJoin(message, eq(message.id, checkResult.messageId))
    .leftJoin(flags, eq(flags.id, checkResult.flagsId))
    .where(within(id, span))
    .orderBy(desc(checkResult.atMs), asc(checkResult.family))
    .limit(limit)
    .all()
}

function storedCheck({ row, code, message, flags }: ReturnType<typeof selectChecks>[number]): StoredCheck {
  return {
    checkedAt: new Date(row.atMs),
    family: row.family === 4 || row.family === 6 ? row.family : null,
    outcome: outcomeWord(row.outcome),
    reason: row.reason === null ? null : reasonWord(row.reason),
    code,
    message,
    flags: flags === null ? [] : flags.split(',').filter(isFlag),
    latencyMs: toMs(row.latencyUs),
    phases: phasesOf(row),
    attempts: row.attempts,
    decisive: row.decisive === 1,
  }
}

function isFlag(text: string): text is Flag {
  return Object.hasOwn(flagDegrades, text)
}

function phasesOf(row: typeof checkResult.$inferSelect): Phases {
  const us = {
    resolve: row.resolveUs,
    connect: row.connectUs,
    tls: row.tlsUs,
    send: row.sendUs,
    processing: row.processingUs,
    transfer: row.transferUs,
    udp_connect: row.udpConnectUs,
    udp_announce: row.udpAnnounceUs,
    udp_scrape: row.udpScrapeUs,
    ws_upgrade: row.wsUpgradeUs,
    ws_reply: row.wsReplyUs,
  } satisfies Record<keyof Phases, number | null>
  return Object.fromEntries(
    Object.entries(us).flatMap(([phase, value]) => (value === null ? [] : [[phase, value / 1000]])),
  )
}
