import Database from 'better-sqlite3'

/** Makes the file of a store some MB larger, by other means; the store may be open. */
export function grow(file: string, megabytes: number): void {
  const client = new Database(file)
  client.exec(
    `CREATE TABLE ballast (id INTEGER PRIMARY KEY, bytes BLOB);
     WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${megabytes * 256})
     INSERT INTO ballast SELECT i, randomblob(4000) FROM n`,
  )
  client.close()
}
