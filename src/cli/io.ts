import type { Readable, Writable } from 'node:stream'

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

/** Control characters, and those that reorder a line: a stranger's text must not steer the terminal. */
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Text of a stranger as it may be printed within a line. */
export function plain(text: string): string {
  return text.replace(UNSAFE, '?')
}

/** A result, on stdout. */
export function print(io: Io, line: string): void {
  io.stdout.write(`${line}\n`)
}

/** One JSON value as a line on stdout; what is unsafe to print is escaped. */
export function printJson(io: Io, value: unknown): void {
  print(io, jsonText(value))
}

/** JSON in which what is unsafe to print is escaped. */
export function jsonText(value: unknown): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replace(UNSAFE, escaped)
}

/** Something to know beside the results, on stderr. */
export function note(io: Io, line: string): void {
  io.stderr.write(`${plain(line)}\n`)
}
