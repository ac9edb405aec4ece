import { cutRatio } from '../tracker/ratios.js'
import type { Entry } from '../tracker/state.js'
import { csvCell } from './csv-cell.js'
import type { ListFormat } from './format.js'

type Cell = string | number | null

/** One column each. Ratios are 0 to 1, moments ISO 8601 in UTC; what is not known is empty. */
const columns = {
  url: ({ tracker }) => tracker.url,
  scheme: ({ tracker }) => tracker.scheme,
  host: ({ tracker }) => tracker.host,
  port: ({ tracker }) => tracker.port,
  status: ({ health }) => health?.status ?? 'pending',
  since: ({ health }) => health?.since.toISOString() ?? null,
  uptime_24h: ({ uptime }) => cutRatio(uptime['24h']),
  uptime_7d: ({ uptime }) => cutRatio(uptime['7d']),
  uptime_30d: ({ uptime }) => cutRatio(uptime['30d']),
  uptime_90d: ({ uptime }) => cutRatio(uptime['90d']),
  uptime_1y: ({ uptime }) => cutRatio(uptime['1y']),
  latency_ms: ({ latencyMs }) => (latencyMs === null ? null : Math.round(latencyMs * 10) / 10),
  added_at: ({ addedAt }) => addedAt.toISOString(),
  checked_at: ({ health }) => health?.checkedAt.toISOString() ?? null,
} as const satisfies Record<string, (entry: Entry) => Cell>

/** RFC 4180. */
export const csv = {
  contentType: 'text/csv; charset=utf-8; header=present',
  extension: '.csv',
  title: 'a table with status, uptime and latency',
  render: (entries) => {
    const cells = Object.values(columns)
    const rows: Cell[][] = [Object.keys(columns), ...entries.map((entry) => cells.map((cell) => cell(entry)))]
    return rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
  },
} as const satisfies ListFormat
