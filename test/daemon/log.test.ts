import { describe, expect, it } from 'vitest'
import { createLog } from '../../src/daemon/log.js'

function lines(format: 'auto' | 'json' | 'pretty', isTTY: boolean) {
  const written: string[] = []
  return { written, log: createLog({ level: 'info', format }, { isTTY, write: (text) => written.push(text) }) }
}

describe('the log', () => {
  it('is one JSON object per line with the name of the level, away from a terminal', () => {
    const { log, written } = lines('auto', false)
    log.warn({ key: 'store' }, 'this key takes effect after a restart')
    expect(JSON.parse(written[0] ?? '')).toMatchObject({
      level: 'warn',
      key: 'store',
      msg: 'this key takes effect after a restart',
    })
    expect(written[0]).toMatch(/\n$/)
  })

  it('is a short line for people on a terminal', () => {
    const { log, written } = lines('auto', true)
    log.info({ group: 'public', checked: 3, code: null, why: 'two words' }, 'round ended')
    expect(written[0]).toMatch(/^\d\d:\d\d:\d\d info {2}round ended group=public checked=3 why="two words"\n$/)
  })

  it('shows the stack of an error to people', () => {
    const { log, written } = lines('pretty', false)
    log.error({ err: new Error('disk on fire') }, 'list files not written')
    expect(written[0]).toMatch(/list files not written\nError: disk on fire\n {4}at /)
  })

  it('leaves out what is below its level', () => {
    const { log, written } = lines('json', false)
    log.debug({}, 'round ended')
    expect(written).toEqual([])
  })
})
