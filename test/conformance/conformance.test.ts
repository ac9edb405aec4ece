import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

/** The suite as a whole: every case is there once, and hardly one is left out. What they are about is in the README. */
const folder = new URL('./', import.meta.url)
const MOST_SKIPPED = 10

/** First and last number of each stretch. Between the requests and the replies of UDP and HTTP numbers were left free. */
const RANGES = [
  ...['U001–U022', 'U030–U089', 'H001–H016', 'H020–H120', 'T001–T021', 'W001–W032', 'D001–D020', 'D030–D041'],
  ...['P001–P031', 'E001–E010'],
]
const required = RANGES.flatMap((range) => {
  const letter = range.charAt(0)
  const [first = 0, last = 0] = range.split('–').map((number) => Number(number.slice(1)))
  return Array.from({ length: last - first + 1 }, (_, index) => letter + String(first + index).padStart(3, '0'))
})

interface Case {
  readonly file: string
  readonly number: string
  readonly title: string
}

const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts') && file !== 'conformance.test.ts')

/** Every string of a test file that begins with a number and a space is the title of a case. */
const cases: readonly Case[] = files.flatMap((file) =>
  textsIn(parse(file)).flatMap((title) => {
    const number = /^([UHTWDPE]\d{3}) /.exec(title)?.[1]
    return number === undefined ? [] : [{ file, number, title }]
  }),
)

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(new URL(file, folder), 'utf8'), ts.ScriptTarget.Latest, true)
}

/** Literals, and what a template begins with. */
function textsIn(node: ts.Node): readonly string[] {
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) return [node.text]
  return node.getChildren().flatMap(textsIn)
}

interface Skip {
  /** What is written for the title: a literal, or the call that makes it. */
  readonly title: string
  /** `skipIf` runs where it can; `skip` nowhere. */
  readonly always: boolean
}

function skipsIn(tree: ts.SourceFile): readonly Skip[] {
  const found: Skip[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const how = /^(?:it|test|describe)(?:\.\w+)*\.(skip|todo|skipIf|runIf)\b/.exec(node.expression.getText())?.[1]
      const isTitled = how === 'skip' || how === 'todo' || ts.isCallExpression(node.expression)
      const title = node.arguments[0]?.getText() ?? ''
      if (how !== undefined && isTitled) found.push({ title, always: how === 'skip' || how === 'todo' })
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

function count(items: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}

describe('the conformance suite', () => {
  const counts = count(cases.map(({ number }) => number))
  const skips = files.flatMap((file) => skipsIn(parse(file)))

  it('has 325 cases to hold', () => {
    expect(new Set(required).size).toBe(325)
  })

  it('has a test for each of them', () => {
    expect(required.filter((number) => !counts.has(number))).toEqual([])
  })

  it('has one test for each, and none for any other number', () => {
    const twice = cases.filter(({ number }) => counts.get(number) !== 1)
    expect(twice.map(({ file, number }) => `${number} in ${file}`)).toEqual([])
    expect(cases.filter(({ number }) => !required.includes(number))).toEqual([])
  })

  it('skips hardly any, and says why', () => {
    expect(skips.filter(({ always }) => always).length).toBeLessThanOrEqual(MOST_SKIPPED)
    expect(skips.filter(({ title }) => !/\(skipped: .+\)|^titleFor\(/.test(title))).toEqual([])
  })

  it('runs no case alone', () => {
    expect(files.filter((file) => /\b(?:it|test|describe)\.(?:\w+\.)*only\b/.test(parse(file).text))).toEqual([])
  })
})
