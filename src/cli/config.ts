import type { Command } from 'commander'
import type { Config } from '../config/config.js'
import { counted } from '../http/pages/text.js'
import { exitCodes, type Run } from './command.js'
import { type Io, note, print } from './io.js'
import { addConfigFlag, type ConfigFlags, loadSettings } from './settings.js'

export function defineConfig(command: Command, run: Run): void {
  command.description('Checks, prints or describes the configuration.')
  addConfigFlag(command.command('check'))
    .description('Says everything that is wrong with the configuration, one problem per line, at once.')
    .action((flags: ConfigFlags) => run((io) => check(flags, io)))
  addConfigFlag(command.command('print'))
    .description('Prints the configuration in effect, defaults included and secrets masked.')
    .action((flags: ConfigFlags) => run((io) => printEffective(flags, io)))
  command
    .command('schema')
    .description('Prints the JSON Schema of the configuration, for editors.')
    .action(() => run(printSchema))
  command.addHelpText(
    'after',
    `
Examples:
  trackerwatch config check
  trackerwatch config check --config /etc/trackerwatch/trackerwatch.yaml
  trackerwatch config schema > trackerwatch.schema.json

Exit codes: 0 fine; 2 problems.`,
  )
}

async function check(flags: ConfigFlags, io: Io): Promise<number> {
  const { config, file, warnings } = await loadSettings(flags, io)
  for (const warning of warnings) note(io, `warning: ${warning}`)
  const trackers = config.groups.reduce((sum, group) => sum + group.trackers.length, 0)
  const sources = config.groups.reduce((sum, group) => sum + group.sources.length, 0)
  const counts = [counted(config.groups.length, 'group'), counted(trackers, 'tracker')]
  if (sources > 0) counts.push(counted(sources, 'list on the web', 'lists on the web'))
  print(io, `${file}: ok, ${counts.join(', ')}`)
  print(io, await seriesLine(config))
  return exitCodes.ok
}

/** What Prometheus will have to keep. Trackers of lists on the web are not known here. */
async function seriesLine({ groups, metrics }: Config): Promise<string> {
  const { seriesOf } = await import('../metrics/series-estimate.js')
  const trackers = groups.flatMap((group) => group.trackers)
  const series = trackers.reduce((sum, tracker) => sum + seriesOf(tracker, metrics.perTracker), 0)
  const more = groups.some(({ sources }) => sources.length > 0) ? ', and those of the lists on the web' : ''
  return `metrics: about ${series} series of these trackers (metrics.per_tracker: ${metrics.perTracker})${more}`
}

async function printEffective(flags: ConfigFlags, io: Io): Promise<number> {
  const { settings } = await loadSettings(flags, io)
  const { printConfig } = await import('../config/print.js')
  io.stdout.write(printConfig(settings))
  return exitCodes.ok
}

async function printSchema(io: Io): Promise<number> {
  const { configJsonSchema } = await import('../config/schema.js')
  print(io, JSON.stringify(configJsonSchema(), null, 2))
  return exitCodes.ok
}
