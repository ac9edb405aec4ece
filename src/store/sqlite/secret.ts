import { randomBytes } from 'node:crypto'
import type Database from 'better-sqlite3'

const INSTALL = 'install'

/** The secret of this installation, made where there is none yet. */
export function installSecret(client: Database.Database): string {
  const find = client.prepare<[string], string>('SELECT value FROM secret WHERE name = ?').pluck()
  const known = find.get(INSTALL)
  if (known !== undefined) return known
  const made = randomBytes(32).toString('hex')
  client.prepare('INSERT INTO secret (name, value) VALUES (?, ?)').run(INSTALL, made)
  return made
}
