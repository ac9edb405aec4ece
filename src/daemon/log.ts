import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'
import type { LogConfig } from '../config/config.js'
import { type Subsystem, subsystems } from '../config/subsystems.js'
import type { Logger } from '../monitor/log.js'
import { type LogLevel, logLevels } from '../tracker/policy.js'
import { prettyLine } from './pretty-line.js'

/** Where log lines go: a stream, and whether a person reads it. */
export interface LogTarget {
  write(text: string): unknown
  readonly isTTY?: boolean
}

/** The daemon's log. Messages are constant; what varies is in the fields. */
export interface Log {
  /** Its lines name the subsystem, and are as many as its level allows. */
  of(subsystem: Subsystem): Logger
  /** How many lines of each level were written so far. */
  lines(): Readonly<Record<LogLevel, number>>
}

/** JSON for machines, short lines for people. */
export function createLog({ level, levels, format }: LogConfig, target: LogTarget): Log {
  const pretty = format === 'pretty' || (format === 'auto' && target.isTTY === true)
  const destination: DestinationStream = { write: (line) => target.write(pretty ? prettyLine(line) : line) }
  const counts: Record<LogLevel, number> = { debug: 0, info: 0, warn: 0, error: 0 }
  const formatters = { level: (label: string) => ({ level: label }) }
  const root = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters, hooks: { logMethod: count } },
    destination,
  )
  const loggers = new Map(
    subsystems.map((subsystem) => [subsystem, root.child({ subsystem }, { level: levels[subsystem] ?? level })]),
  )

  /** Told of lines that are written, and of no others. */
  function count(this: PinoLogger, args: Parameters<pino.LogFn>, method: pino.LogFn, severity: number): void {
    const label = logLevels.find((name) => root.levels.values[name] === severity)
    if (label !== undefined) counts[label] += 1
    method.apply(this, args)
  }

  return { of: (subsystem) => loggers.get(subsystem) ?? root, lines: () => ({ ...counts }) }
}
