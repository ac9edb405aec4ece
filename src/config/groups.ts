import path from 'node:path'
import { z } from 'zod'
import { ListError, type ListProblem, parseTrackerList } from '../tracker/list.js'
import { maskUrl } from '../tracker/mask.js'
import { parseTracker, type Tracker } from '../tracker/tracker.js'
import { checkAliases } from './aliases.js'
import { FileError, readTextFile } from './text-file.js'

const MAX_LIST_BYTES = 8 * 1024 * 1024
const MAX_WARNINGS_PER_FILE = 20

/**
 * What can be told of the groups of a configuration that may be invalid elsewhere: all problems are reported at once,
 * those in the files of the groups too.
 */
const looseGroups = z
  .object({
    groups: z
      .array(
        z
          .object({
            name: z.string().catch(''),
            trackers: z.array(z.string().catch('')).catch([]),
            file: z.string().min(1).optional().catch(undefined),
            sources: z.array(z.unknown()).catch([]),
            aliases: z.record(z.string(), z.array(z.string().catch('')).catch([])).catch({}),
          })
          .catch({ name: '', trackers: [], file: undefined, sources: [], aliases: {} }),
      )
      .min(1),
  })
  .transform(({ groups }) => groups)

type LooseGroup = z.output<typeof looseGroups>[number]

export interface LoadedGroups {
  /** Of each group, by position. */
  readonly trackers: readonly (readonly Tracker[])[]
  readonly problems: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]
  readonly warnings: readonly string[]
}

/** Reads the files of all groups. A bad line in a file is a warning, a file that cannot be read a problem. */
export async function loadGroups(data: unknown, directory: string): Promise<LoadedGroups> {
  const parsed = looseGroups.safeParse(data)
  if (!parsed.success) return { trackers: [], problems: [], warnings: [] }
  const problems: { path: readonly PropertyKey[]; message: string }[] = []
  const warnings: string[] = []
  const groupOf = new Map<string, string>()
  const names = new Set<string>()
  const trackers: Tracker[][] = []
  for (const [index, group] of parsed.data.entries()) {
    if (names.has(group.name)) {
      problems.push({ path: ['groups', index, 'name'], message: `"${group.name}" is the name of an earlier group too` })
    }
    if (group.name !== '') names.add(group.name)
    const fromFile = await readGroupFile(group, directory)
    warnings.push(...fromFile.warnings)
    if (fromFile.problem !== null) problems.push({ path: ['groups', index, 'file'], message: fromFile.problem })
    const listed = [...inlineTrackers(group), ...fromFile.trackers]
    trackers.push(listed.filter(({ url }) => isFirst(url, group.name, groupOf, warnings)))
    if (group.trackers.length + group.sources.length === 0 && group.file === undefined) {
      problems.push({ path: ['groups', index], message: 'names no trackers, expected trackers, file or sources' })
    }
  }
  const aliases = checkAliases(parsed.data, groupOf)
  problems.push(...aliases.problems)
  warnings.push(...aliases.warnings)
  // Trackers that are named but wrong have been told already.
  const named = parsed.data.some((group) => group.trackers.length + group.sources.length > 0)
  const none = !named && trackers.every((of) => of.length === 0)
  if (none && problems.length === 0) problems.push({ path: ['groups'], message: 'no tracker in any group' })
  return { trackers, problems, warnings }
}

/** A tracker belongs to the first group that names it: two verdicts about one tracker could contradict each other. */
function isFirst(url: string, group: string, groupOf: Map<string, string>, warnings: string[]): boolean {
  const earlier = groupOf.get(url)
  if (earlier === undefined) groupOf.set(url, group)
  else if (earlier !== group) {
    warnings.push(`group "${group}": ${maskUrl(url)} is left out, it is in group "${earlier}" already`)
  }
  return earlier === undefined
}

/** The schema reports those that are no trackers. */
function inlineTrackers(group: LooseGroup): Tracker[] {
  return group.trackers.flatMap((text) => parseTracker(text).tracker ?? [])
}

async function readGroupFile(
  group: LooseGroup,
  directory: string,
): Promise<{ trackers: readonly Tracker[]; warnings: readonly string[]; problem: string | null }> {
  if (group.file === undefined) return { trackers: [], warnings: [], problem: null }
  const file = path.resolve(directory, group.file)
  try {
    const list = parseTrackerList(await readTextFile(file, MAX_LIST_BYTES))
    const trackers = list.trackers.map(({ tracker }) => tracker)
    return { trackers, warnings: fileWarnings(path.join(directory, group.file), list.problems), problem: null }
  } catch (error) {
    if (!(error instanceof FileError || error instanceof ListError)) throw error
    return { trackers: [], warnings: [], problem: `${file}: ${error.message}` }
  }
}

function fileWarnings(file: string, problems: readonly ListProblem[]): string[] {
  const warnings = problems
    .slice(0, MAX_WARNINGS_PER_FILE)
    .map(({ line, column, text, problem }) => `${file}:${line}:${column}: "${text}": ${problem.message}`)
  const more = problems.length - warnings.length
  return more > 0 ? [...warnings, `${file}: ${more} more such entries`] : warnings
}
