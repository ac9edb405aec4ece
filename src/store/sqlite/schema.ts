import { blob, index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { statuses } from '../../tracker/health.js'
import type { ListChangeReason } from '../../tracker/membership.js'
import { failureReasons } from '../../tracker/outcome.js'
import { aliveWhens } from '../../tracker/policy.js'
import type { ListName } from '../../tracker/select.js'

/**
 * The tables. `drizzle-kit generate` writes a migration from a change here; STRICT and WITHOUT ROWID, which drizzle
 * cannot express, are added to it by hand, and a test holds both against each other. History refers to its tracker by
 * number without a foreign key, so that no rebuild of `tracker` can ever cascade into it.
 */

/** Never deleted: a tracker that is no longer watched is archived and keeps its number. */
export const tracker = sqliteTable(
  'tracker',
  {
    id: integer('id').primaryKey(),
    url: text('url').notNull().unique(),
    publicId: text('public_id').notNull(),
    group: text('grp').notNull(),
    aliveWhen: text('alive_when', { enum: aliveWhens }).notNull(),
    addedAt: integer('added_at_ms', { mode: 'timestamp_ms' }).notNull(),
    archivedAt: integer('archived_at_ms', { mode: 'timestamp_ms' }),
    /** Place in the order of `watch`. */
    position: integer('position').notNull(),
  },
  (table) => [index('tracker_by_public_id').on(table.publicId)],
)

/** Where a tracker has had its place before: a URL that is watched no more and whose history goes on under another. */
export const alias = sqliteTable(
  'alias',
  {
    url: text('url').primaryKey(),
    publicId: text('public_id').notNull(),
    trackerId: integer('tracker_id').notNull(),
  },
  (table) => [index('alias_by_public_id').on(table.publicId)],
)

/** Where a tracker was probed: the newest ones, see `addresses.ts`; `last_seen_ms` lags behind, see `sights.ts`. */
export const address = sqliteTable(
  'address',
  {
    trackerId: integer('tracker_id').notNull(),
    address: text('address').notNull(),
    /** 4 or 6. */
    family: integer('family').notNull(),
    firstSeen: integer('first_seen_ms', { mode: 'timestamp_ms' }).notNull(),
    lastSeen: integer('last_seen_ms', { mode: 'timestamp_ms' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.trackerId, table.address] }), index('address_by_address').on(table.address)],
)

/**
 * One row per check and address family: 24 bytes at most, so everything that repeats stands in `verdict`. Time comes first
 * in the key: new rows go to the end, old ones leave in front.
 */
export const checkResult = sqliteTable(
  'check_result',
  {
    atMs: integer('at_ms').notNull(),
    trackerId: integer('tracker_id').notNull(),
    /** See `familyCodes`. */
    family: integer('family').notNull(),
    /** Where the check was made from; 0 is here. */
    vantageId: integer('vantage_id').notNull(),
    verdictId: integer('verdict_id').notNull(),
    latencyUs: integer('latency_us'),
  },
  (table) => [primaryKey({ columns: [table.atMs, table.trackerId, table.family, table.vantageId] })],
)

/** Every distinct thing that checks have said, once. A text that is absent is empty, for NULLs are never equal. */
export const verdict = sqliteTable(
  'verdict',
  {
    id: integer('id').primaryKey(),
    /** See `outcomeCodes`. */
    outcome: integer('outcome').notNull(),
    /** See `reasonCodes`; 0 for none. */
    reason: integer('reason').notNull(),
    code: text('code').notNull(),
    message: text('message').notNull(),
    /** Flag names with a comma between. */
    flags: text('flags').notNull(),
    attempts: integer('attempts').notNull(),
    packetsSent: integer('packets_sent').notNull(),
    packetsLost: integer('packets_lost').notNull(),
    /** 1 for the row that decided the outcome of the check, else 0. */
    decisive: integer('decisive').notNull(),
    /** Day since 1970 of the newest check that refers to it: tells what pruning has left without use. */
    usedOn: integer('used_on').notNull(),
  },
  ({ outcome, reason, code, message, flags, attempts, packetsSent, packetsLost, decisive }) => [
    uniqueIndex('verdict_content').on(
      ...[outcome, reason, code, message],
      ...[flags, attempts, packetsSent, packetsLost, decisive],
    ),
  ],
)

/** Kept for ever; in words, because people read it. */
export const statusChange = sqliteTable(
  'status_change',
  {
    trackerId: integer('tracker_id').notNull(),
    at: integer('at_ms', { mode: 'timestamp_ms' }).notNull(),
    /** The check that confirmed the change, which may be later than `at`. Makes a repeated write harmless. */
    confirmedAt: integer('confirmed_at_ms', { mode: 'timestamp_ms' }).notNull(),
    from: text('from_status', { enum: statuses }).notNull(),
    to: text('to_status', { enum: statuses }).notNull(),
    reason: text('reason', { enum: failureReasons }),
    code: text('code'),
    message: text('message'),
  },
  ({ trackerId, at, confirmedAt }) => [
    primaryKey({ columns: [trackerId, at, confirmedAt] }),
    // Incidents of all trackers are read newest first.
    index('status_change_by_time').on(at, trackerId, confirmedAt),
  ],
)

/** Closed stretches without observation; kept for ever, for uptime is computed around them. */
export const gap = sqliteTable(
  'gap',
  {
    trackerId: integer('tracker_id').notNull(),
    to: integer('to_ms', { mode: 'timestamp_ms' }).notNull(),
    from: integer('from_ms', { mode: 'timestamp_ms' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.trackerId, table.to] })],
)

/** What one tracker did in an hour or a day; one without a check and without observed time has no row. */
const summary = {
  /** Checks by outcome. */
  ok: integer('ok').notNull(),
  rejected: integer('rejected').notNull(),
  failed: integer('failed').notNull(),
  skipped: integer('skipped').notNull(),
  /** Checks by reason, as JSON; absent without any. */
  reasons: text('reasons'),
  packetsSent: integer('packets_sent').notNull(),
  packetsLost: integer('packets_lost').notNull(),
  observedMs: integer('observed_ms').notNull(),
  aliveMs: integer('alive_ms').notNull(),
  skippedMs: integer('skipped_ms').notNull(),
  /** See `encodeHistogram`. */
  latencies: blob('latencies', { mode: 'buffer' }).notNull(),
}

/** The tracker comes first: what is read of a rollup is a stretch of one tracker. */
export const hourRollup = sqliteTable(
  'hour_rollup',
  {
    trackerId: integer('tracker_id').notNull(),
    vantageId: integer('vantage_id').notNull(),
    /** Hours since 1970. */
    hour: integer('hour').notNull(),
    ...summary,
  },
  (table) => [primaryKey({ columns: [table.trackerId, table.vantageId, table.hour] })],
)

/** Kept for ever. */
export const dayRollup = sqliteTable(
  'day_rollup',
  {
    trackerId: integer('tracker_id').notNull(),
    vantageId: integer('vantage_id').notNull(),
    /** Days since 1970, UTC. */
    day: integer('day').notNull(),
    ...summary,
  },
  (table) => [primaryKey({ columns: [table.trackerId, table.vantageId, table.day] })],
)

/** Where the time of the checks of an hour went: they keep no phases of their own. An hour without an answer has no row. */
export const hourPhase = sqliteTable(
  'hour_phase',
  {
    trackerId: integer('tracker_id').notNull(),
    vantageId: integer('vantage_id').notNull(),
    /** Hours since 1970. */
    hour: integer('hour').notNull(),
    /** Checks that were answered. */
    answered: integer('answered').notNull(),
    /** The sum of each phase over them, µs, as JSON. */
    phasesUs: text('phases_us').notNull(),
  },
  (table) => [primaryKey({ columns: [table.trackerId, table.vantageId, table.hour] })],
)

/** Trackers of which something became known after its hour had been rolled up: those hours are to be rolled up again. */
export const reopened = sqliteTable('reopened', {
  trackerId: integer('tracker_id').primaryKey(),
  from: integer('from_ms', { mode: 'timestamp_ms' }).notNull(),
})

/** Health and newest check of each tracker: what a restart goes on from. */
export const trackerState = sqliteTable('tracker_state', {
  trackerId: integer('tracker_id')
    .primaryKey()
    .references(() => tracker.id),
  status: text('status', { enum: statuses }).notNull(),
  since: integer('since_ms', { mode: 'timestamp_ms' }).notNull(),
  checkedAt: integer('checked_at_ms', { mode: 'timestamp_ms' }).notNull(),
  /** The three are null together. */
  streakGood: integer('streak_good', { mode: 'boolean' }),
  streakCount: integer('streak_count'),
  streakSince: integer('streak_since_ms', { mode: 'timestamp_ms' }),
  lastVerdict: text('last_verdict', { enum: ['up', 'degraded', 'rejecting', 'down'] }),
  unobservedSince: integer('unobserved_since_ms', { mode: 'timestamp_ms' }),
  holdMs: integer('hold_ms').notNull(),
  /** When the newest check ended and what it took, see `encodeTimes`; absent where the state was imported. */
  lastTimes: blob('last_times', { mode: 'buffer' }),
  lastOkAt: integer('last_ok_at_ms', { mode: 'timestamp_ms' }),
})

/**
 * The newest check of each tracker. Its times are those of `tracker_state`, where they are new at every check: what it says
 * seldom is.
 */
export const lastCheck = sqliteTable('last_check', {
  trackerId: integer('tracker_id').primaryKey(),
  /** A `CheckResult` as JSON, see `encodeCheck`. */
  body: text('body').notNull(),
})

/** Who is on each list: what a restart goes on from, for whoever is on it leaves it later than a newcomer would enter. */
export const listMember = sqliteTable(
  'list_member',
  {
    list: text('list').$type<ListName>().notNull(),
    trackerId: integer('tracker_id').notNull(),
    since: integer('since_ms', { mode: 'timestamp_ms' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.list, table.trackerId] })],
)

/** What entered and left each list, kept for ever. */
export const listChange = sqliteTable(
  'list_change',
  {
    list: text('list').$type<ListName>().notNull(),
    at: integer('at_ms', { mode: 'timestamp_ms' }).notNull(),
    trackerId: integer('tracker_id').notNull(),
    entered: integer('entered', { mode: 'boolean' }).notNull(),
    reason: text('reason').$type<ListChangeReason>().notNull(),
    /** Uptime over the window of the stable list at that moment, 0 to 1. */
    uptime: real('uptime'),
  },
  (table) => [primaryKey({ columns: [table.list, table.at, table.trackerId] })],
)

/** What this installation keeps to itself, see `Store.installSecret`. One row. */
export const secret = sqliteTable('secret', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
})

/**
 * Numbers about the store itself. `checks`: how many are kept, so that nobody has to count millions of rows. `rolled_to_ms`:
 * hours before it are rolled up. `pruned_to_ms`: checks before it are gone, and with them the means to count an hour again.
 * `late_from_ms`, `late_to_ms`: where the checks lie whose states are not written yet, see `LateStates`; absent without any.
 */
export const meta = sqliteTable('meta', {
  name: text('name').primaryKey(),
  value: integer('value').notNull(),
})
