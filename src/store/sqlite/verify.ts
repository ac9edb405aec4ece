import type Database from 'better-sqlite3'
import { outcomeCodes, reasonCodes } from './codes.js'
import { explain } from './explain.js'
import { foreignKeyViolations } from './migrate-file.js'
import { appliedCount, readMigrations } from './migrations.js'

/** Reads everything and returns sentences about what is wrong; as far as it can be read. */
export function verify(client: Database.Database, file: string, migrationsFolder: string): readonly string[] {
  const checks = [
    () => integrityFindings(client),
    () => foreignKeyViolations(client),
    () => migrationFindings(client, file, migrationsFolder),
    () => orphans(client),
    () => unknownCodes(client),
    () => countFindings(client),
  ]
  return checks.flatMap((check) => {
    try {
      return check()
    } catch (error) {
      const explained = explain(error, file)
      if (!(explained instanceof Error)) throw explained
      return [explained.message]
    }
  })
}

function integrityFindings(client: Database.Database): readonly string[] {
  const findings = client.prepare<[], string>('PRAGMA integrity_check').pluck().all()
  return findings.filter((finding) => finding !== 'ok')
}

function migrationFindings(client: Database.Database, file: string, folder: string): readonly string[] {
  const known = readMigrations(folder)
  const pending = known.slice(appliedCount(client, file, known))
  return pending.map(({ name }) => `migration ${name} has not been applied: run "trackerwatch db migrate"`)
}

/** What foreign keys would see, had the history any. */
function orphans(client: Database.Database): readonly string[] {
  const parents = [
    ['check_result', 'tracker'],
    ['check_result', 'verdict'],
    ['status_change', 'tracker'],
    ['gap', 'tracker'],
    ['address', 'tracker'],
    ['alias', 'tracker'],
    ['list_member', 'tracker'],
    ['list_change', 'tracker'],
    ['last_check', 'tracker'],
  ] as const
  return parents.flatMap(([table, parent]) => {
    const text = `SELECT count(*) FROM ${table} WHERE ${parent}_id NOT IN (SELECT id FROM ${parent})`
    const rows = client.prepare<[], number>(text).pluck().get() ?? 0
    return rows === 0 ? [] : [`${rows} rows of table ${table} without their ${parent}`]
  })
}

function unknownCodes(client: Database.Database): readonly string[] {
  const columns = { outcome: outcomeCodes, reason: { none: 0, ...reasonCodes } }
  return Object.entries(columns).flatMap(([column, codes]) => {
    const known = Object.values(codes).join(', ')
    const text = `SELECT count(*) FROM verdict WHERE ${column} NOT IN (${known})`
    const rows = client.prepare<[], number>(text).pluck().get() ?? 0
    return rows === 0 ? [] : [`${rows} rows of table verdict with an unknown ${column}`]
  })
}

function countFindings(client: Database.Database): readonly string[] {
  const counted =
    client
      .prepare<[], number>(
        'SELECT count(*) FROM check_result JOIN verdict ON verdict.id = verdict_id WHERE decisive = 1',
      )
      .pluck()
      .get() ?? 0
  const noted = keptChecks(client)
  return counted === noted ? [] : [`${counted} checks in the history, but ${noted} noted in table meta`]
}

/** Number of checks, as noted with each write. */
export function keptChecks(client: Database.Database): number {
  return client.prepare<[], number>("SELECT value FROM meta WHERE name = 'checks'").pluck().get() ?? 0
}
