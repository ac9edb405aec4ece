import type { ListFormat } from './format.js'

export const json = {
  contentType: 'application/json',
  extension: '.json',
  title: 'an array of URLs, as WebTorrent and create-torrent take it',
  render: (entries) =>
    `${JSON.stringify(
      entries.map(({ tracker }) => tracker.url),
      null,
      2,
    )}\n`,
} as const satisfies ListFormat
