import { LineCounter, parseDocument } from 'yaml'
import { type Place, plainData } from './plain-data.js'
import { keyOf, type Problem } from './problem.js'

/** A YAML file as plain data, with the way back from each value to its place in the file. */
export interface YamlDocument {
  /** Undefined where there is a syntax error. */
  readonly data: unknown
  readonly problems: readonly Problem[]
  /** Where a value or its key stands; for what is not there, the nearest key around it. */
  locate(path: readonly PropertyKey[], what: keyof Place): Pick<Problem, 'line' | 'column'>
}

const MAX_SYNTAX_PROBLEMS = 20

/** YAML text → data, with variables replaced in values (never in keys). */
export function parseYaml(text: string, env: NodeJS.ProcessEnv): YamlDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false, // compares each key with each; `plainData` finds duplicates in linear time
  })
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const places = new Map<string, Place>()
  const locate: YamlDocument['locate'] = (path, what) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const place = places.get(keyOf(path.slice(0, length)))
      if (place !== undefined) return position(length === path.length ? place[what] : place.key)
    }
    return { line: 1, column: 1 }
  }
  const problems: Problem[] = [...document.errors, ...document.warnings]
    .slice(0, MAX_SYNTAX_PROBLEMS)
    .map(({ code, pos, message }) => ({ ...position(pos[0]), key: '', message: syntaxMessage(code, message) }))
  if (problems.length > 0) return { data: undefined, problems, locate }
  const report = (offset: number, path: readonly PropertyKey[], message: string) => {
    problems.push({ ...position(offset), key: keyOf(path), message })
  }
  return { data: plainData(document.contents, { env, places, report }), problems, locate }
}

function syntaxMessage(code: string, message: string): string {
  if (code === 'RESOURCE_EXHAUSTION') return 'nested too deeply'
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here, expected one'
  return `no valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
}
