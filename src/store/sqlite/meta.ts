import type Database from 'better-sqlite3'

/** Numbers about the store, see the table `meta`. */
export interface Meta {
  read(name: MetaName): number | null
  write(name: MetaName, value: number): void
  remove(name: MetaName): void
}

type MetaName = 'rolled_to_ms' | 'pruned_to_ms' | 'late_from_ms' | 'late_to_ms'

export function createMeta(client: Database.Database): Meta {
  const select = client.prepare<[string], number>('SELECT value FROM meta WHERE name = ?').pluck()
  const put = client.prepare<[string, number]>(
    'INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  )
  const remove = client.prepare<[string]>('DELETE FROM meta WHERE name = ?')
  return {
    read: (name) => select.get(name) ?? null,
    write: (name, value) => void put.run(name, value),
    remove: (name) => void remove.run(name),
  }
}
