// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax under test
import { describe, expect, it } from 'vitest'
import { substitute } from '../../src/config/env.js'

const env = { NAME: 'value', EMPTY: '', NESTED: '${NAME}', _x1: '7' }

describe('substitute', () => {
  it.each([
    ['${NAME}', 'value'],
    ['a ${NAME} b ${_x1}', 'a value b 7'],
    ['${NAME:-default}', 'value'],
    ['${MISSING:-default}', 'default'],
    ['${MISSING:-}', ''],
    ['${MISSING:-udp://h:1/a?b=c}', 'udp://h:1/a?b=c'],
    ['${EMPTY}', ''],
    ['${EMPTY:-default}', 'default'],
    ['${NESTED}', '${NAME}'],
    ['$${NAME}', '${NAME}'],
    ['$NAME $ {NAME} $', '$NAME $ {NAME} $'],
  ])('turns %s into %s', (text, expected) => {
    expect(substitute(text, env)).toEqual({ text: expected })
  })

  it('names every variable that is missing', () => {
    expect(substitute('${A}${NAME}${B}', env).problem).toBe(
      'environment variable A is not set and has no default; environment variable B is not set and has no default',
    )
  })

  it.each(['${', '${}', '${NAME', '${1}', '${a-b}', '${NAME-x}'])('calls %s unfinished', (text) => {
    expect(substitute(text, env).problem).toBe(
      'unfinished "${", expected ${NAME} or ${NAME:-default}, or $${ for the characters themselves',
    )
  })
})
