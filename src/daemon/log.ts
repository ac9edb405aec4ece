import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogConfig } from '../config/config.js'

/** Where log lines go: a stream, and whether a person reads it. */
export interface LogTarget {
  write(text: string): unknown
  readonly isTTY?: boolean
}

/** The daemon's log: JSON for machines, short lines for people. */
export function createLog({ level, format }: LogConfig, target: LogTarget): Logger {
  const pretty = format === 'pretty' || (format === 'auto' && target.isTTY === true)
  const destination: DestinationStream = { write: (line) => target.write(pretty ? prettyLine(line) : line) }
  const formatters = { level: (label: string) => ({ level: label }) }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters }, destination)
}

function prettyLine(line: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>
  const clock = String(time).slice(11, 19)
  const details = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}=${plain(value)}`)
  const stack = isRecord(err) ? `\n${String(err.stack ?? err.message)}` : ''
  return `${[clock, String(level).padEnd(5), msg, ...details].join(' ')}${stack}\n`
}

function plain(value: unknown): string {
  return typeof value === 'string' && !/[\s=]/.test(value) ? value : JSON.stringify(value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
