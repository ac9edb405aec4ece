import { loadConfig } from '../../src/config/load.js'
import { startDaemon } from '../../src/daemon/daemon.js'

/** A line of its log. */
export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** The daemon in this process, which is inside a namespace that its page cannot be asked for from outside. */
export interface WatchedDaemon {
  readonly log: readonly LogLine[]
  /** Resolves with the first line to come that `isIt`. */
  readonly logged: (isIt: (line: LogLine) => boolean) => Promise<LogLine>
  readonly metrics: () => Promise<string>
  readonly stop: () => Promise<boolean>
}

export async function watchDaemon(configFile: string): Promise<WatchedDaemon> {
  const log: LogLine[] = []
  const waiting = new Set<(line: LogLine) => void>()
  const level = (name: string) => (fields: object, msg: string) => {
    const line = { level: name, msg, ...fields }
    log.push(line)
    for (const tell of waiting) tell(line)
  }
  const logger = { debug: () => {}, info: level('info'), warn: level('warn'), error: level('error') }
  const logged: WatchedDaemon['logged'] = (isIt) =>
    new Promise((resolve) => {
      const tell = (line: LogLine): void => {
        if (!isIt(line)) return
        waiting.delete(tell)
        resolve(line)
      }
      waiting.add(tell)
    })
  const load = async () => (await loadConfig(configFile, {})).config
  const daemon = await startDaemon({
    config: await load(),
    loadConfig: load,
    log: { of: () => logger, lines: () => ({ debug: 0, info: 0, warn: 0, error: 0 }) },
    onCrash: (error) => {
      throw error
    },
  })
  return {
    log,
    logged,
    metrics: async () => (await fetch(`${daemon.url}/metrics`)).text(),
    stop: daemon.stop,
  }
}
