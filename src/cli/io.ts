import type { Readable, Writable } from 'node:stream'
import { jsonText, unsafeCharacters } from '../export/json-text.js'

/** What a command has of the world around it. */
export interface Io {
  readonly stdin: Readable
  /** Results. */
  readonly stdout: Writable
  /** Everything else: progress, warnings, errors. */
  readonly stderr: Writable
  readonly env: NodeJS.ProcessEnv
  readonly isTTY: { readonly stdout: boolean; readonly stderr: boolean }
}

/** Text of a stranger as it may be printed within a line. */
export function plain(text: string): string {
  return text.replace(unsafeCharacters, '?')
}

/** A result, on stdout. */
export function print(io: Io, line: string): void {
  io.stdout.write(`${line}\n`)
}

/** One JSON value as a line on stdout; what is unsafe to print is escaped. */
export function printJson(io: Io, value: unknown): void {
  print(io, jsonText(value))
}

/** Something to know beside the results, on stderr. */
export function note(io: Io, line: string): void {
  io.stderr.write(`${plain(line)}\n`)
}
