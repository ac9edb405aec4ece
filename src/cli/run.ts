import type { Command } from 'commander'
import type { Run } from './command.js'
import { addConfigFlag, type ConfigFlags, configFile } from './settings.js'

const HELP = `
SIGTERM or SIGINT: stops, after the checks under way. SIGHUP: reads the
configuration again.

Examples:
  trackerwatch run
  trackerwatch run --config /etc/trackerwatch/trackerwatch.yaml

Exit codes: 0 after a clean stop; 2 configuration error; else failure.`

export function defineRun(command: Command, run: Run): void {
  addConfigFlag(command)
    .description('Watches the trackers of a configuration: history, metrics, lists and status page.')
    .addHelpText('after', HELP)
    .action((flags: ConfigFlags) =>
      run(async (io) => {
        const file = configFile(flags)
        const { runDaemon } = await import('../daemon.js')
        return runDaemon({ configFile: file, env: io.env })
      }),
    )
}
