import { aria2 } from './aria2.js'
import { csv } from './csv.js'
import type { ListFormat } from './format.js'
import { json } from './json.js'
import { blank, lines } from './text.js'

/** Every list format. Routes, file names, validation and help texts derive from it. */
export const formats = { lines, blank, aria2, json, csv } as const satisfies Record<string, ListFormat>
export type FormatName = keyof typeof formats

export const formatNames = Object.keys(formats) as readonly FormatName[]

/** `.blank.txt` → `blank`; null for an extension that no format has. */
export function formatOfExtension(extension: string): FormatName | null {
  return formatNames.find((name) => formats[name].extension === extension) ?? null
}
