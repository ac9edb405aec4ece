import { maskUrl } from '../tracker/mask.js'

/** One thing that is wrong with a configuration, and where. */
export interface Problem {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** The key as in `groups[0].name`; empty for the whole file. */
  readonly key: string
  readonly message: string
}

/** The operator's configuration is wrong. Carries every problem at once; fit for stderr without a stack. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** `file:line:column: key: problem`, without the parts that do not apply. */
  readonly problems: readonly string[]
  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options)
    this.problems = problems
  }
}

const MAX_PROBLEMS_SHOWN = 100

/** The problems of one file, in the order of the file. */
export function problemsError(file: string, problems: readonly Problem[]): ConfigError {
  const shown = problems
    .toSorted((one, other) => one.line - other.line || one.column - other.column)
    .slice(0, MAX_PROBLEMS_SHOWN)
    .map(
      ({ line, column, key, message }) =>
        `${file}:${line}:${column}: ${key === '' ? '' : `${maskKey(key)}: `}${message}`,
    )
  const more = problems.length - shown.length
  return new ConfigError(more > 0 ? [...shown, `${file}: ${more} more problems`] : shown)
}

/** A key may be a URL, with a secret in it. */
function maskKey(key: string): string {
  return key.replace(/[a-z]+:\/\/.*?(?=(?:\[\d+\])?$)/i, maskUrl)
}

/** `['groups', 0, 'name']` → `groups[0].name` */
export function keyOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((key, part) => {
    if (typeof part === 'number') return `${key}[${part}]`
    return key === '' ? String(part) : `${key}.${String(part)}`
  }, '')
}
