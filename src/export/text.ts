import type { ListFormat } from './format.js'

export const lines = {
  contentType: 'text/plain; charset=utf-8',
  extension: '.txt',
  title: 'one URL per line: a single tier in qBittorrent and Transmission',
  render: (entries) => entries.map(({ tracker }) => `${tracker.url}\n`).join(''),
} as const satisfies ListFormat

export const blank = {
  contentType: 'text/plain; charset=utf-8',
  extension: '.blank.txt',
  title: 'an empty line after each URL: a tier for each tracker in qBittorrent and Transmission',
  render: (entries) => entries.map(({ tracker }) => `${tracker.url}\n\n`).join(''),
} as const satisfies ListFormat
