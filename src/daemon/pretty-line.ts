import { jsonText, unsafeCharacters } from '../export/json-text.js'

const LONGEST_LEVEL = 5
/** The longer names are rare in a log. */
const USUAL_SUBSYSTEM = 8

/** A line of the JSON log as a person wants to read it, local time. */
export function prettyLine(line: string): string {
  const { level, time, subsystem, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>
  const clock = new Date(String(time)).toTimeString().slice(0, 8)
  const details = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}=${plain(value)}`)
  const from = String(subsystem ?? '').padEnd(USUAL_SUBSYSTEM)
  const stack = isRecord(err) ? `\n${safeLines(String(err.stack ?? err.message))}` : ''
  return `${[clock, String(level).padEnd(LONGEST_LEVEL), from, msg, ...details].join(' ')}${stack}\n`
}

/** What a stranger said must not steer the terminal. */
function plain(value: unknown): string {
  const bare = typeof value === 'string' && /^[^\s="\\]+$/.test(value) && !isUnsafe(value)
  return bare ? value : jsonText(value)
}

function isUnsafe(text: string): boolean {
  return text.search(unsafeCharacters) !== -1
}

function safeLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(unsafeCharacters, '?'))
    .join('\n')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
