import type { z } from 'zod'
import { maskUrl } from '../tracker/mask.js'
import type { YamlDocument } from './document.js'
import { keyOf, type Problem } from './problem.js'
import { configJsonSchema } from './schema.js'

const nouns: Readonly<Record<string, string>> = {
  object: 'a section with keys of its own',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

/** The sentence for an issue that the schema has no sentence of its own for: what was found, what was expected. */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `${shown(issue.input)}, expected ${nouns[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `${shown(issue.input)}, expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`
    case 'too_small':
      return `${sizeShown(issue.input)}, expected at least ${issue.minimum}`
    case 'too_big':
      return `${sizeShown(issue.input)}, expected at most ${issue.maximum}`
    default:
      return undefined
  }
}

/** Issues of the schema → problems with their place; one per unknown key. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], { locate }: YamlDocument): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') {
      return [{ ...locate(issue.path, 'value'), key: keyOf(issue.path), message: issue.message }]
    }
    const known = knownKeys(issue.path)
    return issue.keys.map((name) => {
      const path = [...issue.path, name]
      return { ...locate(path, 'key'), key: keyOf(path), message: unknownKey(name, known) }
    })
  })
}

function unknownKey(name: string, known: readonly string[]): string {
  const [nearest] = known
    .map((key) => ({ key, distance: editDistance(name.toLowerCase(), key) }))
    .filter(({ key, distance }) => distance <= Math.max(2, Math.floor(key.length / 3)) && distance < key.length)
    .toSorted((one, other) => one.distance - other.distance)
  return nearest === undefined
    ? `unknown key, expected one of ${known.join(', ')}`
    : `unknown key, did you mean "${nearest.key}"?`
}

/** The keys that the schema knows below a path. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let node: unknown = configJsonSchema()
  for (const part of path) {
    const named = typeof part === 'number' ? property(node, 'items') : property(property(node, 'properties'), part)
    node = named ?? property(node, 'additionalProperties')
  }
  const names = property(property(node, 'propertyNames'), 'enum')
  return Array.isArray(names) ? names.map(String) : Object.keys(property(node, 'properties') ?? {})
}

function property(node: unknown, name: PropertyKey): object | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  const value: unknown = Reflect.get(node, name)
  return typeof value === 'object' && value !== null ? value : undefined
}

/** Levenshtein's distance, one row at a time. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...one.slice(0, 64)].entries()) {
    const next = [i + 1]
    for (let j = 0; j < other.length; j += 1) {
      const replaced = (row[j] ?? 0) + (letter === other[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}

function sizeShown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 1 ? '1 entry' : `${value.length} entries`
  return typeof value === 'string' ? `${value.length} characters` : shown(value)
}

/** A value of the configuration in a message: short, and without secrets. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'no value'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a section'
  if (typeof value !== 'string') return String(value)
  const masked = maskUrl(value)
  return masked.length > 60 ? `"${masked.slice(0, 60)}…"` : `"${masked}"`
}
