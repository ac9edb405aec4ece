import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Command } from 'commander'
import { usableIn } from '../export/format.js'
import { type FormatName, formatNames, formats } from '../export/formats.js'
import { writeLists } from '../export/write.js'
import { isListName, listNames, lists, select } from '../tracker/select.js'
import { exitCodes, type Run } from './command.js'
import { type Io, note } from './io.js'
import { addStoreFlags, listSettings, readingStore, type StoreFlags } from './settings.js'
import { quoted, UsageError } from './usage.js'
import { oneOf } from './values.js'

interface ExportFlags extends StoreFlags {
  readonly format: FormatName
  readonly out?: string
}

const formatsByName = Object.fromEntries(formatNames.map((name) => [name, name]))

const HELP = `
Lists:
${entries(listNames.map((name) => [name, lists[name].title]))}

Formats:
${entries(formatNames.map((name) => [name, formats[name].title]))}

Examples:
  trackerwatch export stable
  trackerwatch export best --format aria2
  trackerwatch export all --format csv --out /var/www/trackers.csv`

export function defineExport(command: Command, run: Run): void {
  command
    .description('Prints or writes a list of watched trackers, best first. The daemon may run meanwhile.')
    .argument('<list>', listNames.join(', '))
    .option(
      '--format <format>',
      `${formatNames.join(', ')} (default: lines)`,
      oneOf('--format', formatsByName),
      'lines',
    )
    .option('--out <file>', 'write to this file, at once and as a whole, instead of stdout')
  addStoreFlags(command)
    .addHelpText('after', HELP)
    .action((list: string, flags: ExportFlags) => run((io) => exportList(list, flags, io)))
}

async function exportList(list: string, flags: ExportFlags, io: Io): Promise<number> {
  if (!isListName(list)) throw new UsageError(`list ${quoted(list)}, expected one of ${listNames.join(', ')}`)
  const { store: url, rules } = await listSettings(flags, io)
  const at = new Date()
  const [all, members] = await readingStore(url, (store) => Promise.all([store.entries(at), store.listMembers()]))
  const chosen = select(all, usableIn(formats[flags.format], { list, order: 'uptime' }), { rules, at, members })
  const text = formats[flags.format].render(chosen)
  if (flags.out === undefined) io.stdout.write(text)
  else {
    await writeFile(flags.out, text)
    note(io, `${flags.out}: ${chosen.length} of ${all.length} trackers`)
  }
  return exitCodes.ok
}

async function writeFile(out: string, text: string): Promise<void> {
  const target = await targetOf(out)
  try {
    await writeLists(dirname(target), [{ name: basename(target), text }])
  } catch (error) {
    throw new UsageError(`--out is ${quoted(out)}, which cannot be written: ${reasonOf(error)}`, { cause: error })
  }
}

/** The file behind a link, for the link is to stay. A device or a directory must not be replaced by a file. */
export async function targetOf(out: string): Promise<string> {
  const target = await realpath(out).catch(() => out)
  const found = await lstat(target).catch(() => null)
  if (found === null || found.isFile()) return target
  throw new UsageError(`--out is ${quoted(out)}, which is not a regular file, expected a new or a regular one`)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function entries(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, title]) => `  ${name.padEnd(8)} ${title}`).join('\n')
}
