import type { ListFormat } from './format.js'

export const aria2 = {
  contentType: 'text/plain; charset=utf-8',
  extension: '.aria2',
  title: 'the value of aria2’s bt-tracker: one line with commas, without WebSocket trackers',
  schemes: ['udp', 'http', 'https'],
  /** A comma inside a URL would end it: aria2 knows no way to escape one. */
  render: (entries) =>
    entries
      .map(({ tracker }) => tracker.url)
      .filter((url) => !url.includes(',') && !/^wss?:/.test(url))
      .join(','),
} as const satisfies ListFormat
