import path from 'node:path'
import { type Config, toConfig } from './config.js'
import { parseYaml, type YamlDocument } from './document.js'
import { loadGroups } from './groups.js'
import { describeIssue, problemsOf } from './issues.js'
import { pauseProblems, pauseWarnings } from './pause-problems.js'
import { ConfigError, keyOf, type Problem, problemsError } from './problem.js'
import { scheduleWarning } from './schedule.js'
import { type Settings, settingsSchema } from './schema.js'
import { submissionProblems } from './submission-problems.js'
import { FileError, readTextFile } from './text-file.js'

const MAX_CONFIG_BYTES = 1024 * 1024

export interface LoadedConfig {
  readonly config: Config
  /** The same with keys and units as in YAML, for printing. */
  readonly settings: Settings
  /** As given. */
  readonly file: string
  /** What does not keep the configuration from being used: bad lines in list files, duplicates across groups. */
  readonly warnings: readonly string[]
}

/**
 * Reads and validates a configuration and the list files it names. Throws `ConfigError` with every problem at once:
 * those of the YAML text first, since nothing can be said about the content of a text that is no YAML.
 */
export async function loadConfig(file: string, env: NodeJS.ProcessEnv): Promise<LoadedConfig> {
  const document = parseYaml(await readConfigFile(file), env)
  if (document.data === undefined) throw problemsError(file, document.problems)
  if (document.data === null) throw new ConfigError([`${file}: empty, expected at least "groups:" with trackers`])
  const parsed = settingsSchema.safeParse(document.data, { error: describeIssue })
  const groups = await loadGroups(document.data, path.dirname(file))
  const problems: Problem[] = [
    ...document.problems,
    ...problemsOf(parsed.error?.issues ?? [], document),
    ...[...groups.problems, ...(parsed.success ? problemsTogether(parsed.data) : [])].map((problem) =>
      located(problem, document),
    ),
  ]
  if (problems.length > 0 || !parsed.success) throw problemsError(file, firstOfEachPlace(problems))
  const config = toConfig(parsed.data, groups.trackers)
  const warnings = [
    ...scheduleWarnings(parsed.data),
    ...secretWarnings(parsed.data),
    ...moduleWarnings(parsed.data),
    ...pauseWarnings(config),
    ...groups.warnings,
  ]
  return { config, settings: parsed.data, file, warnings }
}

async function readConfigFile(file: string): Promise<string> {
  try {
    return await readTextFile(file, MAX_CONFIG_BYTES)
  } catch (error) {
    if (error instanceof FileError) throw new ConfigError([`${file}: ${error.message}`], { cause: error })
    throw error
  }
}

/** What keys that are right by themselves get wrong together. */
function problemsTogether(settings: Settings) {
  return [...submissionProblems(settings), ...pauseProblems(settings)]
}

function located(
  { path, message }: { readonly path: readonly PropertyKey[]; readonly message: string },
  { locate }: YamlDocument,
): Problem {
  return { ...locate(path, 'value'), key: keyOf(path), message }
}

/** A variable that is not set makes its value invalid as well: one problem per key is enough, the first says why. */
function firstOfEachPlace(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>()
  return problems.filter(({ key, line, column }) => {
    const place = `${line}:${column}:${key}`
    return !seen.has(place) && seen.add(place)
  })
}

function scheduleWarnings({ schedule, groups }: Settings): string[] {
  const beats = [schedule, ...groups.flatMap((group) => group.schedule ?? [])]
  return beats.flatMap((beat) => scheduleWarning(beat) ?? []).map((warning) => `schedule: ${warning}`)
}

/** Whoever may name any target may name a server of his own, which then gets what the module sends along. */
function moduleWarnings({ probe_endpoint }: Settings): string[] {
  const { enabled, targets, modules } = probe_endpoint
  if (!enabled || targets !== 'any') return []
  return Object.entries(modules).flatMap(([name, { headers = {} }]) =>
    Object.keys(headers).map(
      (header) => `probe_endpoint.modules.${name}: whoever asks can have header ${header} sent to a place of his own`,
    ),
  )
}

/** Whoever writes a list on the web can put a tracker on it, and that tracker gets what the group sends along. */
function secretWarnings({ groups, probe }: Settings): string[] {
  return groups.flatMap(({ name, sources, headers = probe.headers, info_hash }) => {
    if (sources.length === 0) return []
    const told = [...Object.keys(headers).map((header) => `header ${header}`), ...(info_hash ? ['info_hash'] : [])]
    return told.map((what) => `group "${name}": every tracker that its sources name gets its ${what}`)
  })
}
