import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.js'
import { ConfigError } from '../../src/config/problem.js'
import { damaged, damages } from './damage.js'
import { useLuck } from './seed.js'

const { holds } = useLuck()
const shipped = readFileSync(new URL('../../config/trackerwatch.yaml', import.meta.url), 'utf8')
const keys = [...shipped.matchAll(/([a-z_0-9]+):/g)].flatMap(([, key]) => key ?? [])
const small = 'schedule: "*/5 * * * *"\ngroups:\n  - { name: a, trackers: [udp://t.example:1], alive_when: response }\n'

const value = fc.constantFrom(
  ...['', 'null', '~', '-1', '0', '1e999', '.inf', 'true', '"', "'x", '[]', '{}', '[a, b]', '{ a: b }', '5m', '-5m'],
  ...[
    '99999999999999999999d',
    '* * * * *',
    '*/7 * * * * *',
    '&a [*a]',
    '*a',
    '!!binary x',
    '!x y',
    '$' + '{HOME}',
    '${',
    '|',
    '>',
  ],
  ...['udp://t.example:1', '../../x', '\u0000', '\ud83d\ude00', '<<: *a', '- -', '%', '@'],
)
/** Keys of ours with values of all kinds, nested as they come. */
const soup = fc
  .array(fc.tuple(fc.constantFrom('', '  ', '    ', '- '), fc.constantFrom(...keys, '__proto__', '<<', '? x'), value), {
    maxLength: 12,
  })
  .map((lines) => lines.map(([indent, key, text]) => `${indent}${key}: ${text}\n`).join(''))
const file: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.tuple(fc.constantFrom(shipped, small), damages).map(([text, made]) => damaged(Buffer.from(text), made)),
  soup.map((text) => Buffer.from(text)),
  soup.map((text) => Buffer.from(small + text)),
  fc.uint8Array({ maxLength: 300 }),
)

describe('any file', { timeout: 120_000 }, () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'trackerwatch-properties-'))
    writeFileSync(join(folder, 'trackers.txt'), 'udp://t.example:1\n')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is a configuration, or a ConfigError whose every problem names the file', async () => {
    const path = join(folder, 'trackerwatch.yaml')
    await holds(
      fc.asyncProperty(file, async (bytes) => {
        writeFileSync(path, bytes)
        try {
          const { config } = await loadConfig(path, { HOME: 'x' })
          expect(config.groups.length).toBeGreaterThan(0)
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error
          expect(error.problems.length).toBeGreaterThan(0)
          for (const problem of error.problems) expect(problem.startsWith(folder)).toBe(true)
        }
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
      300,
    )
  })
})
