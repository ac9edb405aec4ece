import { isAlias, isMap, isScalar, isSeq, type Scalar, type YAMLMap } from 'yaml'
import { substitute } from './env.js'
import { keyOf } from './problem.js'

/** Offsets in the file. */
export interface Place {
  readonly key: number
  readonly value: number
}

export interface WalkOptions {
  readonly env: NodeJS.ProcessEnv
  /** Is filled with the place of each value, by its key as text. */
  readonly places: Map<string, Place>
  report(offset: number, path: readonly PropertyKey[], message: string): void
}

const MAX_DEPTH = 32
/** Aliases repeat values: ten lines can stand for billions. */
const MAX_VALUES = 200_000

/**
 * YAML nodes → plain data within limits. Our own walk and not the library's `toJS`, because the places have to be
 * kept and variables replaced on the way.
 */
export function plainData(root: unknown, { env, places, report }: WalkOptions): unknown {
  const anchors = new Map<string, unknown>()
  let values = 0

  function convert(node: unknown, path: readonly PropertyKey[], keyOffset: number): unknown {
    const offset = offsetOf(node) ?? keyOffset
    values += 1
    if (values === MAX_VALUES) report(offset, path, `more than ${MAX_VALUES} values, aliases counted each time`)
    if (path.length === MAX_DEPTH) report(offset, [], `nested too deeply, expected at most ${MAX_DEPTH} levels`)
    if (values >= MAX_VALUES || path.length >= MAX_DEPTH) return undefined
    places.set(keyOf(path), { key: keyOffset, value: offset })
    if (isAlias(node)) {
      if (anchors.has(node.source)) return convert(anchors.get(node.source), path, keyOffset)
      report(offset, path, `no anchor "&${node.source}" before this alias`)
      return null
    }
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) anchors.set(node.anchor, node)
    if (isMap(node)) return convertMap(node, path)
    if (isSeq(node)) return node.items.map((item, index) => convert(item, [...path, index], offsetOf(item) ?? offset))
    return isScalar(node) ? convertScalar(node, path, offset) : node
  }

  function convertMap(map: YAMLMap, path: readonly PropertyKey[]): unknown {
    const entries = new Map<string, unknown>()
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : String(key)
      const at = [...path, name]
      const offset = offsetOf(key) ?? offsetOf(map) ?? 0
      if (entries.has(name)) report(offset, at, 'given twice')
      else entries.set(name, convert(value, at, offset))
    }
    return Object.fromEntries(entries)
  }

  function convertScalar(scalar: Scalar, path: readonly PropertyKey[], offset: number): unknown {
    const { value } = scalar
    if (typeof value !== 'string' || !value.includes('${')) return value
    const { text, problem } = substitute(value, env)
    if (problem !== undefined) report(offset, path, problem)
    if (text === undefined) return value
    return scalar.type === 'PLAIN' ? plainValue(text) : text
  }

  return convert(root, [], 0)
}

/** What YAML would have read, had the text stood there without quotes. */
function plainValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : text
}

function offsetOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0]
  return undefined
}
