import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const src = fileURLToPath(new URL('../../src/', import.meta.url))
const LEVELS = ['debug', 'info', 'warn', 'error']

interface Message {
  readonly at: string
  readonly text: string
  readonly isConstant: boolean
}

/** What is said to something named after the log, in every file but those of the browser. */
function messagesOf(file: string): readonly Message[] {
  const tree = ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const found: Message[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isLogCall(node.expression)) {
      const [fields, message, ...more] = node.arguments
      const line = tree.getLineAndCharacterOfPosition(node.getStart()).line + 1
      const isConstant = fields !== undefined && message !== undefined && more.length === 0 && isLiteral(message)
      found.push({ at: `${file}:${line}`, text: message?.getText() ?? '', isConstant })
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

function isLogCall(callee: ts.Expression): boolean {
  if (ts.isElementAccessExpression(callee)) return isLog(callee.expression)
  return ts.isPropertyAccessExpression(callee) && LEVELS.includes(callee.name.text) && isLog(callee.expression)
}

/** `log`, `deps.log`, `parts.log.of('store')` */
function isLog(expression: ts.Expression): boolean {
  return /(?:^|\.)\w*[lL]og(?:\.of\(.*\))?$/.test(expression.getText())
}

function isLiteral(node: ts.Expression): boolean {
  if (ts.isConditionalExpression(node)) return isLiteral(node.whenTrue) && isLiteral(node.whenFalse)
  return ts.isStringLiteral(node)
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
const messages = files.filter((file) => !file.startsWith('http/client/')).flatMap(messagesOf)

it('log messages are constant, with what varies in fields', () => {
  expect(messages.length).toBeGreaterThan(30)
  expect(messages.filter(({ isConstant }) => !isConstant)).toEqual([])
})

it('log messages are short sentences without a full stop, begun small', () => {
  const odd = messages.filter(({ text }) => !/^(?:up \? )?'[a-z][^.]{3,110}'(?: : '[a-z][^.]{3,110}')?$/.test(text))
  expect(odd).toEqual([])
})
