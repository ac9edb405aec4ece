/** Control characters, and those that reorder a line: a stranger's text must not steer the terminal. */
export const unsafeCharacters = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** JSON in which what is unsafe to print is escaped. */
export function jsonText(value: unknown): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replace(unsafeCharacters, escaped)
}
