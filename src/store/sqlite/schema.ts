import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { statuses } from '../../tracker/health.js'
import { failureReasons } from '../../tracker/outcome.js'
import { aliveWhens } from '../../tracker/policy.js'

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

/** One row per check and address family. Time comes first in the key: new rows go to the end, old ones leave in front. */
export const checkResult = sqliteTable(
  'check_result',
  {
    atMs: integer('at_ms').notNull(),
    trackerId: integer('tracker_id').notNull(),
    /** 4 or 6; 0 for a check that decided without a probe. */
    family: integer('family').notNull(),
    /** See `outcomeCodes`. */
    outcome: integer('outcome').notNull(),
    /** See `reasonCodes`. */
    reason: integer('reason'),
    /** Ids in `detail`. */
    codeId: integer('code_id'),
    messageId: integer('message_id'),
    /** Flag names with a comma between. */
    flagsId: integer('flags_id'),
    /** 1 for the row that decided the outcome of the check, else 0. */
    decisive: integer('decisive').notNull(),
    latencyUs: integer('latency_us'),
    attempts: integer('attempts').notNull(),
    packetsSent: integer('packets_sent').notNull(),
    packetsLost: integer('packets_lost').notNull(),
    resolveUs: integer('resolve_us'),
    connectUs: integer('connect_us'),
    tlsUs: integer('tls_us'),
    sendUs: integer('send_us'),
    processingUs: integer('processing_us'),
    transferUs: integer('transfer_us'),
    udpConnectUs: integer('udp_connect_us'),
    udpAnnounceUs: integer('udp_announce_us'),
    udpScrapeUs: integer('udp_scrape_us'),
    wsUpgradeUs: integer('ws_upgrade_us'),
    wsReplyUs: integer('ws_reply_us'),
  },
  (table) => [primaryKey({ columns: [table.atMs, table.trackerId, table.family] })],
)

/** Every distinct code, message and set of flags once, so that the rows of `check_result` stay integers. */
export const detail = sqliteTable('detail', {
  id: integer('id').primaryKey(),
  text: text('text').notNull().unique(),
  /** Day since 1970 of the newest check that refers to it: tells what pruning has left without use. */
  usedOn: integer('used_on').notNull(),
})

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
  (table) => [primaryKey({ columns: [table.trackerId, table.at, table.confirmedAt] })],
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
  /** A `CheckResult` as JSON, see `encodeCheck`. */
  lastCheck: text('last_check').notNull(),
  lastOkAt: integer('last_ok_at_ms', { mode: 'timestamp_ms' }),
})

/** What this installation keeps to itself, see `Store.installSecret`. One row. */
export const secret = sqliteTable('secret', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
})

/** Numbers about the store itself. `checks`: how many are kept, so that nobody has to count millions of rows. */
export const meta = sqliteTable('meta', {
  name: text('name').primaryKey(),
  value: integer('value').notNull(),
})
