import type { Entry } from '../tracker/state.js'
import type { ListFormat } from './format.js'

export const aria2 = {
  contentType: 'text/plain; charset=utf-8',
  extension: '.aria2',
  title: 'the value of aria2’s bt-tracker: one line with commas, without WebSocket trackers',
  render: (entries) =>
    entries
      .filter(isUsable)
      .map(({ tracker }) => tracker.url)
      .join(','),
} as const satisfies ListFormat

/** aria2 has no WebSocket, and a comma inside a URL would end it: aria2 knows no way to escape one. */
function isUsable({ tracker }: Entry): boolean {
  return tracker.scheme !== 'ws' && tracker.scheme !== 'wss' && !tracker.url.includes(',')
}
