import { inspect } from 'node:util'
import { Command, CommanderError } from 'commander'
import { ConfigError } from '../config/problem.js'
import { packageVersion } from '../config/version.js'
import { StoreError } from '../store/errors.js'
import { type Define, exitCodes } from './command.js'
import { Stopped } from './interrupt.js'
import { type Io, note } from './io.js'
import { UsageError } from './usage.js'

interface Entry {
  readonly summary: string
  /** Loads only what this command needs: `check` has no use for a database. */
  readonly load: () => Promise<Define>
}

const commands: Readonly<Record<string, Entry>> = {
  run: { summary: 'watch the trackers of a configuration', load: async () => (await import('./run.js')).defineRun },
  check: { summary: 'check trackers once', load: async () => (await import('./check.js')).defineCheck },
  query: {
    summary: 'send one announce and show the answer',
    load: async () => (await import('./query.js')).defineQuery,
  },
  scrape: { summary: 'ask for the numbers of torrents', load: async () => (await import('./scrape.js')).defineScrape },
  export: {
    summary: 'print a list of watched trackers',
    load: async () => (await import('./export.js')).defineExport,
  },
  history: {
    summary: 'show what happened to a watched tracker',
    load: async () => (await import('./history.js')).defineHistory,
  },
  config: {
    summary: 'check, print or describe the configuration',
    load: async () => (await import('./config.js')).defineConfig,
  },
  db: {
    summary: 'back up, verify, migrate or move the database',
    load: async () => (await import('./db.js')).defineDb,
  },
}

const HELP = `
Examples:
  trackerwatch check udp://tracker.example:6969/announce
  trackerwatch check -f trackers.txt --alive > alive.txt
  trackerwatch run --config config/trackerwatch.yaml
  trackerwatch export best --format aria2

"trackerwatch COMMAND --help" says more about each command.

Exit codes: 0 all well; 1 a tracker is not alive or gave no answer; 2 usage or
configuration error; 3 failure of trackerwatch itself; 130 interrupted.`

/** Runs one command line (without `node` and the script) and resolves with its exit code. Never rejects. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io)
  } catch (error) {
    return report(error, argv, io)
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  let exitCode: number = exitCodes.ok
  const program = createProgram(io)
  const asked = askedCommand(argv)
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const command = program.command(name).summary(summary)
    if (name !== asked) continue
    const define = await load()
    define(command, async (work) => {
      exitCode = await work(io)
    })
  }
  await program.parseAsync(argv, { from: 'user' })
  return exitCode
}

/** Only this command is loaded; the others are there by name, for the help and against typing errors. */
function askedCommand(argv: readonly string[]): string {
  return argv.find((argument) => !argument.startsWith('-') && argument !== 'help') ?? ''
}

function createProgram(io: Io): Command {
  return (
    new Command('trackerwatch')
      .description('Finds out whether BitTorrent trackers work: by real announces, once or for ever.')
      .usage('COMMAND [options]')
      .version(packageVersion(), '-V, --version', 'print the version')
      .helpOption('-h, --help', 'show this help')
      .addHelpText('after', HELP)
      .helpCommand('help [command]', 'show the help of a command')
      // Defaults are said in the descriptions, with their units.
      .configureHelp({ subcommandTerm: (command) => command.name(), optionDescription: (option) => option.description })
      .exitOverride()
      .configureOutput({
        writeOut: (text) => io.stdout.write(text),
        writeErr: (text) => io.stderr.write(text),
        outputError: () => {}, // `report` says it
      })
  )
}

function report(error: unknown, argv: readonly string[], io: Io): number {
  if (error instanceof Stopped) return error.exitCode
  if (error instanceof CommanderError) return reportUsage(error, argv, io)
  if (error instanceof UsageError) return fail(io, error.message, exitCodes.usage)
  if (error instanceof ConfigError) {
    for (const problem of error.problems) note(io, problem)
    return exitCodes.usage
  }
  // Its message says what the operator can do.
  if (error instanceof StoreError) return fail(io, error.message, exitCodes.usage)
  io.stderr.write(`${inspect(error)}\n`)
  return exitCodes.failure
}

function reportUsage(error: CommanderError, argv: readonly string[], io: Io): number {
  if (error.exitCode === 0) return exitCodes.ok
  if (error.code === 'commander.help') return exitCodes.usage // it was shown instead
  const asked = askedCommand(argv)
  const help = ['trackerwatch', ...(Object.hasOwn(commands, asked) ? [asked] : []), '--help'].join(' ')
  const sentence = error.message.replace(/^error: |\.$/g, '').replaceAll('\n', ' ')
  return fail(io, `${sentence}, see "${help}"`, exitCodes.usage)
}

function fail(io: Io, sentence: string, exitCode: number): number {
  note(io, `trackerwatch: ${sentence}`)
  return exitCode
}
