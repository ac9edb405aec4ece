/** Opens a history without us and reads the newest check of every tracker. */
import Database from 'better-sqlite3'
import type { StartTask } from './history-start.js'

process.once('message', ({ file }: StartTask) => {
  const client = new Database(file, { readonly: true })
  const text = 'SELECT url, body FROM tracker JOIN last_check ON tracker_id = id'
  const checks = client.prepare<[], [string, string]>(text).raw().all()
  const parsed = checks.map(([url, check]): unknown => [url, JSON.parse(check)])
  process.send?.(parsed.length, () => process.disconnect())
})
