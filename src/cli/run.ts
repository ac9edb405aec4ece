import type { Command } from 'commander'
import { type LogLevel, logLevels } from '../tracker/policy.js'
import type { Run } from './command.js'
import { addConfigFlag, type ConfigFlags, configFile } from './settings.js'
import { oneOf } from './values.js'

interface Flags extends ConfigFlags {
  readonly logFormat?: 'pretty' | 'json'
  readonly logLevel?: LogLevel
}

const levels: Readonly<Record<string, LogLevel>> = Object.fromEntries(logLevels.map((level) => [level, level]))

const HELP = `
SIGTERM or SIGINT: stops, after the checks under way. SIGHUP: reads the
configuration again.

Examples:
  trackerwatch run
  trackerwatch run --config /etc/trackerwatch/trackerwatch.yaml
  trackerwatch run --log-level debug --log-format json 2> trackerwatch.log

Exit codes: 0 after a clean stop; 2 configuration error; else failure.`

export function defineRun(command: Command, run: Run): void {
  addConfigFlag(command)
    .option(
      '--log-format <format>',
      'pretty, for people, or json, one object per line (default: log.format)',
      oneOf('--log-format', { pretty: 'pretty', json: 'json' } as const),
    )
    .option(
      '--log-level <level>',
      'debug, info, warn or error (default: log.level); those of log.levels stay',
      oneOf('--log-level', levels),
    )
    .description('Watches the trackers of a configuration: history, metrics, lists and status page.')
    .addHelpText('after', HELP)
    .action(({ logFormat, logLevel, ...flags }: Flags) =>
      run(async (io) => {
        const file = configFile(flags)
        const { runDaemon } = await import('../daemon.js')
        const logging = {
          ...(logFormat !== undefined && { format: logFormat }),
          ...(logLevel !== undefined && { level: logLevel }),
        }
        return runDaemon({ configFile: file, env: io.env, logging })
      }),
    )
}
