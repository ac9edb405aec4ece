import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.js'
import { printConfig } from '../../src/config/print.js'
import { ConfigError } from '../../src/config/problem.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'trackerwatch-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const groups = 'groups: [{ name: a, trackers: [udp://a.example:1] }, { name: b, trackers: [udp://b.example:1] }]\n'

/** A configuration with one pause, which begins in line 2, column 10. */
function load(pause: string, more = '') {
  const file = path.join(folder, 'c.yaml')
  writeFileSync(file, `${groups}pauses: [${pause}]\n${more}`)
  return loadConfig(file, {})
}

async function problemsOf(pause: string): Promise<readonly string[]> {
  const error = await load(pause).catch((reason: unknown) => reason)
  if (!(error instanceof ConfigError)) throw new Error('loaded without a problem')
  return error.problems.map((problem) => problem.replace(/^.*?\.yaml:\d+:\d+: /, ''))
}

const ONE_LINE = 'expected one line of 1 to 200 characters, without control characters'
const moment = (value: string) => `"${value}", expected a moment with its time zone such as 2026-12-01T22:00:00Z`

describe('pauses', () => {
  it('have canonical URLs and moments, and nothing that was not said', async () => {
    const { config, warnings } = await load(
      '{ trackers: ["UDP://A.example:1"], groups: [b, submitted], from: 2026-12-01T22:00Z, until: 2026-12-02T03:00:00.5+01:00, reason: new rack }, {}',
    )
    expect(config.pauses).toEqual([
      {
        trackers: ['udp://a.example:1'],
        groups: ['b', 'submitted'],
        from: new Date('2026-12-01T22:00:00Z'),
        until: new Date('2026-12-02T02:00:00.500Z'),
        reason: 'new rack',
      },
      { trackers: [], groups: [], from: null, until: null, reason: null },
    ])
    expect(warnings).toEqual([])
  })

  it.each([
    [
      '{ trackers: [a.example] }',
      'pauses[0].trackers[0]: no scheme, expected one of udp://, http://, https://, ws://, wss:// in front',
    ],
    ['{ trackers: [] }', 'pauses[0].trackers: 0 entries, expected at least 1'],
    ['{ groups: [] }', 'pauses[0].groups: 0 entries, expected at least 1'],
    ['{ groups: [a, c] }', 'pauses[0].groups[1]: "c", expected one of a, b, submitted'],
    ['{ from: 2026-12-01T22:00:00 }', `pauses[0].from: ${moment('2026-12-01T22:00:00')}`],
    ['{ from: 2026-12-01 }', `pauses[0].from: ${moment('2026-12-01')}`],
    ['{ until: 2026-02-30T00:00:00Z }', `pauses[0].until: ${moment('2026-02-30T00:00:00Z')}`],
    ['{ until: 2026-02-20T24:30:00Z }', `pauses[0].until: ${moment('2026-02-20T24:30:00Z')}`],
    ['{ until: 20261201 }', `pauses[0].until: ${moment('20261201')}`],
    ['{ until: tomorrow }', `pauses[0].until: ${moment('tomorrow')}`],
    [
      '{ from: 2026-12-01T22:00:00Z, until: 2026-12-01T23:00:00+01:00 }',
      'pauses[0].until: "2026-12-01T23:00:00+01:00", expected a moment after "from"',
    ],
    ['{ reason: "" }', `pauses[0].reason: ${ONE_LINE}`],
    ['{ reason: "two\\nlines" }', `pauses[0].reason: ${ONE_LINE}`],
    ['{ reason: "\\u202eturned" }', `pauses[0].reason: ${ONE_LINE}`],
    [`{ reason: ${'x'.repeat(201)} }`, `pauses[0].reason: ${ONE_LINE}`],
    [
      '{ end: 2026-12-01T22:00:00Z }',
      'pauses[0].end: unknown key, expected one of trackers, groups, from, until, reason',
    ],
  ])('of %s are refused', async (pause, problem) => {
    expect(await problemsOf(pause)).toEqual([problem])
  })

  it('may have a reason of 200 characters', async () => {
    const { config } = await load(`{ reason: ${'x'.repeat(200)} }`)
    expect(config.pauses[0]?.reason).toHaveLength(200)
  })

  it('warn of a tracker that nobody watches, unless others may name it', async () => {
    const slip = '{ trackers: ["udp://b.example:1", "udp://c.example:1/0123456789abcdef0123"] }'
    expect((await load(slip)).warnings).toEqual(['pauses: udp://c.example:1/*** is in no group'])
    const open = 'submissions: { mode: open, review: accept }\n'
    expect((await load(slip, open)).warnings).toEqual([])
  })

  it('are printed without secrets, and can be read again', async () => {
    const secret = '0123456789abcdef0123'
    const { settings } = await load(`{ trackers: ["http://b.example/${secret}/announce"], reason: new rack }`)
    const printed = printConfig(settings)
    expect(printed).not.toContain(secret)
    expect(printed).toContain('http://b.example/***/announce')
    expect(printed).toContain('reason: new rack')
  })
})
