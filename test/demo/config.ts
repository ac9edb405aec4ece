import { join } from 'node:path'
import type { DemoTracker } from './trackers.js'

/** The configuration of the demo's daemon: impatient, and everything it writes in `folder`. */
export function demoConfig(trackers: readonly DemoTracker[], folder: string, port: number): string {
  const urlsOf = (group: DemoTracker['group']): string =>
    trackers
      .filter((tracker) => tracker.group === group)
      .map(({ url }) => `      - ${url}\n`)
      .join('')
  return `schedule: "*/10 * * * * *"
round: { spread: 2s }
listen: 127.0.0.1:${port}
store: ${quoted(`sqlite:${join(folder, 'data', 'trackerwatch.db')}`)}
groups:
  - name: public
    alive_when: announce
    trackers:
${urlsOf('public')}
  - name: private
    alive_when: response
    trackers:
${urlsOf('private')}
# The names mean both families; the reference trackers listen on 127.0.0.1 alone.
probe: { timeout: 4s, family: 4, allow_private: true }
health: { down_after: 2, recheck: 3s }
lists:
  directory: ${quoted(join(folder, 'data', 'lists'))}
  stable: { min_uptime: 0.95, window: 24h, min_age: 0s }
sources: { directory: ${quoted(join(folder, 'data', 'sources'))} }
log: { format: pretty }
`
}

/** YAML takes a JSON string; a variable in it would be replaced. */
function quoted(text: string): string {
  return JSON.stringify(text.replaceAll('${', '$${'))
}
