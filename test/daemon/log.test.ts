import { describe, expect, it } from 'vitest'
import type { LogConfig } from '../../src/config/config.js'
import { subsystems } from '../../src/config/subsystems.js'
import { createLog } from '../../src/daemon/log.js'

function logging(config: Partial<LogConfig>, isTTY = false) {
  const written: string[] = []
  const target = { isTTY, write: (text: string) => written.push(text) }
  return { written, log: createLog({ level: 'info', levels: {}, format: 'json', ...config }, target) }
}

describe('the log', () => {
  it('is one JSON object per line with the names of level and subsystem, away from a terminal', () => {
    const { log, written } = logging({ format: 'auto' })
    log.of('config').warn({ key: 'store' }, 'this key takes effect after a restart')
    expect(JSON.parse(written[0] ?? '')).toMatchObject({
      level: 'warn',
      subsystem: 'config',
      key: 'store',
      msg: 'this key takes effect after a restart',
    })
    expect(written[0]).toMatch(/\n$/)
  })

  it('is a short line for people on a terminal', () => {
    const { log, written } = logging({ format: 'auto' }, true)
    log.of('monitor').info({ group: 'public', checked: 3, code: null, why: 'two words' }, 'round ended')
    expect(written[0]).toMatch(
      /^\d\d:\d\d:\d\d info {2}monitor {2}round ended group=public checked=3 why="two words"\n$/,
    )
  })

  it('shows the stack of an error to people', () => {
    const { log, written } = logging({ format: 'pretty' })
    log.of('lists').error({ err: new Error('disk on fire') }, 'list files not written')
    expect(written[0]).toMatch(/list files not written\nError: disk on fire\n {4}at /)
  })

  it('lets nobody steer the terminal of a person', () => {
    const { log, written } = logging({ format: 'pretty' })
    const hostile = '\u001b[2J\u009b31m\u202e"'
    log.of('monitor').info({ message: hostile, list: [hostile], err: new Error(`a\r${hostile}`) }, 'status changed')
    expect(written[0]).toContain('message="\\u001b[2J\\u009b31m\\u202e\\""')
    expect(written[0]).toContain('Error: a??[2J?31m?"')
    expect(written[0]).not.toMatch(/[\u001b\u009b\u202e\r]/)
  })

  it('leaves out what is below its level', () => {
    const { log, written } = logging({})
    log.of('monitor').debug({}, 'round ended')
    expect(written).toEqual([])
  })

  it('has a level per subsystem, more or less talkative than the common one', () => {
    const { log, written } = logging({ levels: { probe: 'debug', store: 'error' } })
    for (const subsystem of subsystems) {
      log.of(subsystem).debug({}, 'debug')
      log.of(subsystem).warn({}, 'warn')
    }
    const told = written.map((line) => JSON.parse(line)).map(({ subsystem, msg }) => `${subsystem} ${msg}`)
    const warned = subsystems.filter((subsystem) => subsystem !== 'store').map((subsystem) => `${subsystem} warn`)
    expect(told.toSorted()).toEqual(['probe debug', ...warned].toSorted())
  })

  it('counts the lines that it writes by level, and no others', () => {
    const { log } = logging({ levels: { probe: 'debug' } })
    expect(log.lines()).toEqual({ debug: 0, info: 0, warn: 0, error: 0 })
    log.of('probe').debug({}, 'check ended')
    log.of('monitor').debug({}, 'round ended')
    log.of('monitor').info({}, 'round ended')
    log.of('store').error({}, 'history not tidied up')
    log.of('store').error({}, 'history not tidied up')
    expect(log.lines()).toEqual({ debug: 1, info: 1, warn: 0, error: 2 })
  })
})
