import { describe, expect, it } from 'vitest'
import { checkId, logCheck } from '../../src/daemon/check-log.js'
import { createLog } from '../../src/daemon/log.js'
import type { CheckResult, Outcome } from '../../src/tracker/outcome.js'
import { trackerId } from '../../src/tracker/state.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { probe } from '../metrics/entries.js'

const PASSKEY = '0123456789abcdef0123456789abcdef'
const url = `http://tracker.example:80/${PASSKEY}/announce`
const refused: Outcome = { kind: 'rejected', code: 'auth', message: `who is ${PASSKEY}?`, flags: [], retryAfterS: null }
const result: CheckResult = {
  url,
  checkedAt: new Date('2026-11-22T10:00:00.000Z'),
  outcome: refused,
  alive: false,
  latencyMs: 12.5,
  probes: [probe(refused, { family: 4, address: '192.0.2.7', latencyMs: 12.5 })],
}

function logged(): readonly Readonly<Record<string, unknown>>[] {
  const written: string[] = []
  const log = createLog(
    { level: 'info', levels: { probe: 'debug' }, format: 'json' },
    { write: (line) => written.push(line) },
  )
  const { tracker } = parseTracker(url)
  if (tracker === undefined) throw new Error(`${url} is no tracker URL`)
  logCheck(log.of('probe'), tracker, result)
  return written.map((line) => JSON.parse(line))
}

describe('the log of a check', () => {
  it('ties its lines together by where the history has the check', () => {
    const id = `${trackerId(url)}@2026-11-22T10:00:00.000Z`
    expect(checkId(result)).toBe(id)
    expect(logged().map(({ msg, check }) => [msg, check])).toEqual([
      ['probe ended', id],
      ['check ended', id],
    ])
  })

  it('says what came of each probe and of the whole', () => {
    const verdict = { outcome: 'rejected', code: 'auth', reason: null, latencyMs: 12.5 }
    const [probed, checked] = logged()
    expect(probed).toMatchObject({ ...verdict, family: 4, address: '192.0.2.7', attempts: 1 })
    expect(checked).toMatchObject({ ...verdict, alive: false, tracker: 'http://tracker.example:80/***/announce' })
  })

  it('has no secret of the tracker in it', () => {
    expect(logged().map(({ message }) => message)).toEqual(['who is ***?', 'who is ***?'])
    expect(JSON.stringify(logged())).not.toContain(PASSKEY)
  })
})
