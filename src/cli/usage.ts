/** The command line, or a file that it names, is not as it has to be. One sentence: what, its value, what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Text of the user inside a sentence: one line, not long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
