import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { connect, prepareForWriting, shareLoop } from '../../src/store/sqlite/connection.js'
import { inDirectory } from './support.js'

function pragmasOf(client: Database.Database): Readonly<Record<string, unknown>> {
  const names = ['journal_mode', 'synchronous', 'auto_vacuum', 'foreign_keys', 'busy_timeout', 'wal_autocheckpoint']
  return Object.fromEntries(names.map((name) => [name, client.pragma(name, { simple: true })]))
}

const NORMAL = 1
const INCREMENTAL = 2

describe('a connection that writes', () => {
  it('survives a power cut with a sound file, enforces references and waits a moment for others', () =>
    inDirectory(async (directory) => {
      const client = connect(join(directory, 'history.db'), false)
      prepareForWriting(client)
      expect(pragmasOf(client)).toEqual({
        journal_mode: 'wal',
        synchronous: NORMAL,
        auto_vacuum: INCREMENTAL,
        foreign_keys: 1,
        busy_timeout: 1000,
        wal_autocheckpoint: 4096,
      })
      shareLoop(client)
      expect(client.pragma('busy_timeout', { simple: true })).toBeLessThanOrEqual(10)
      client.close()
    }))

  it('leaves a file that another program made as it is, but for the log', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      const other = new Database(file)
      other.exec('CREATE TABLE other (id INTEGER PRIMARY KEY)')
      other.close()
      const client = connect(file, false)
      prepareForWriting(client)
      expect(pragmasOf(client)).toMatchObject({ journal_mode: 'wal', auto_vacuum: 0 })
      client.close()
    }))
})
