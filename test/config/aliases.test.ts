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

const load = (text: string) => {
  const file = path.join(folder, 'c.yaml')
  writeFileSync(file, text)
  return loadConfig(file, {})
}

async function problemsOf(text: string): Promise<string[]> {
  const failure = await load(text).catch((error: unknown) => error)
  if (!(failure instanceof ConfigError)) throw new Error('loaded without a problem')
  return failure.problems.map((problem) => problem.replaceAll(`${folder}/`, ''))
}

/** A group that watches `udp://a.example:1`, with these lines under `aliases`, which begin in line 5. */
const group = (...lines: readonly string[]): string =>
  [
    'groups:',
    '  - name: a',
    '    trackers: [udp://a.example:1]',
    '    aliases:',
    ...lines.map((it) => `      ${it}`),
  ].join('\n')
const other = '\n  - name: b\n    trackers: [udp://b.example:1]\n'

describe('aliases', () => {
  it('are canonical, whatever their spelling, in any group', async () => {
    const { config, warnings } = await load(
      `${group('"UDP://A.example:1": [http://Old.example, udp://older.example:1/x]')}${other}`,
    )
    expect(config.groups.map(({ aliases }) => aliases)).toEqual([
      { 'udp://a.example:1': ['http://old.example:80/', 'udp://older.example:1/x'] },
      {},
    ])
    expect(warnings).toEqual([])
  })

  it.each([
    [
      'that are no announce URLs',
      group('udp://a.example:1: [ftp://x.example]'),
      ['5:27: groups[0].aliases.udp://a.example:1[0]: scheme "ftp", expected one of udp, http, https, ws, wss'],
    ],
    [
      'of what is no announce URL',
      group('a.example: [udp://o.example:1]'),
      [
        '5:18: groups[0].aliases.a.example: no scheme, expected one of udp://, http://, https://, ws://, wss:// in front',
      ],
    ],
    [
      'that are none',
      group('udp://a.example:1: []'),
      ['5:26: groups[0].aliases.udp://a.example:1: 0 entries, expected at least 1'],
    ],
    [
      'that are watched, in another group',
      `${group('udp://a.example:1: [udp://o.example:1, UDP://b.example:1]')}${other}`,
      [
        '5:46: groups[0].aliases.udp://a.example:1[1]: udp://b.example:1 is watched, in group "b", expected a URL that is no longer',
      ],
    ],
    [
      'that are the tracker itself',
      group('udp://a.example:1: [udp://A.example:1]'),
      [
        '5:27: groups[0].aliases.udp://a.example:1[0]: is the URL of the tracker itself, expected one that it had before',
      ],
    ],
    [
      'of two trackers',
      `${group('udp://a.example:1: [udp://o.example:1]', 'udp://b.example:1: [udp://o.example:1]')}${other}`,
      ['6:27: groups[0].aliases.udp://b.example:1[0]: udp://o.example:1 is an alias of udp://a.example:1 already'],
    ],
    [
      'of an alias, and of one another',
      group('udp://x.example:1: [udp://y.example:1]', 'udp://y.example:1: [udp://x.example:1]'),
      [
        '5:26: groups[0].aliases.udp://x.example:1: is an alias of udp://y.example:1, expected its aliases there',
        '6:26: groups[0].aliases.udp://y.example:1: is an alias of udp://x.example:1, expected its aliases there',
      ],
    ],
    [
      'in two places',
      group('udp://a.example:1: [udp://o.example:1]', 'UDP://a.example:1: [udp://p.example:1]'),
      ['6:26: groups[0].aliases.UDP://a.example:1: has aliases in another place already'],
    ],
  ])('are refused %s', async (_, text, problems) => {
    expect(await problemsOf(text)).toEqual(problems.map((it) => `c.yaml:${it}`))
  })

  it('of a URL that nobody watches are a warning, unless a list on the web may name it', async () => {
    const text = group('udp://x.example:1: [udp://o.example:1]')
    expect((await load(text)).warnings).toEqual(['aliases: udp://x.example:1 is in no group'])
    const { warnings } = await load(`${text}\n    sources: [{ url: "https://lists.example/all.txt" }]\n`)
    expect(warnings).toEqual([])
  })

  it('show their secrets neither in print nor in problems', async () => {
    const key = '0123456789abcdef0123456789abcdef'
    const text = group(`https://t.example/${key}: ["https://o.example/${key}"]`)
    const { settings } = await load(text)
    expect(printConfig(settings)).not.toContain(key)
    expect(printConfig(settings)).toContain('https://t.example/***')
    const problems = await problemsOf(`${group(`https://t.example/${key}: ["https://t.example/${key}"]`)}${other}`)
    expect(problems.join()).not.toContain(key)
    expect(problems.join()).toContain('groups[0].aliases.https://t.example/***[0]: is the URL of the tracker itself')
  })
})
