import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.js'
import { printConfig } from '../../src/config/print.js'
import { ConfigError } from '../../src/config/problem.js'

const OPERATOR = 'operator-0123456789'
const SUBMITTER = 'submitter-0123456789'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trackerwatch-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function load(settings: object, env: NodeJS.ProcessEnv = {}) {
  const file = join(folder, 'c.yaml')
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'a', trackers: ['udp://t.example:1'] }], ...settings }))
  return loadConfig(file, env)
}

/** The problems of a configuration, without their places. */
async function problemsOf(settings: object): Promise<readonly string[]> {
  const error = await load(settings).catch((reason: unknown) => reason)
  if (!(error instanceof ConfigError)) throw error
  return error.problems.map((problem) => problem.replace(/^.*?\.yaml:\d+:\d+: /, ''))
}

describe('submissions', () => {
  it.each([
    [{ submissions: { mode: 'token' }, token: OPERATOR }, 'submissions.token: none, expected one for "mode: token"'],
    [
      { submissions: { mode: 'open' } },
      'submissions.review: "hold", expected "token" to be set as well: nobody could accept what is held',
    ],
    [
      { submissions: { group: 'a' } },
      'submissions.group: "a" is the name of a group in "groups", expected another one for submissions alone',
    ],
    [{ submissions: { mode: 'yes' } }, 'submissions.mode: "yes", expected one of off, token, open'],
    [{ submissions: { max: 0 } }, 'submissions.max: 0, expected at least 1'],
  ])('of %j are refused', async (settings, problem) => {
    expect(await problemsOf(settings)).toEqual([problem])
  })

  it('may be open without any token where what answers is accepted', async () => {
    const { config } = await load({ submissions: { mode: 'open', review: 'accept' } })
    expect(config.submissions).toMatchObject({ mode: 'open', review: 'accept', token: null })
  })
})

describe('a token', () => {
  it.each(['short', 'with space 0123456789', 'umlautü0123456789', 'x'.repeat(257)])(
    'of %j is refused, and not shown',
    async (token) => {
      const problems = await problemsOf({ token, submissions: { token } })
      expect(problems).toEqual([
        'token: expected 16 to 256 printable ASCII characters without spaces',
        'submissions.token: expected 16 to 256 printable ASCII characters without spaces',
      ])
    },
  )

  it('without quotes, as a number, is refused and not shown', async () => {
    expect(await problemsOf({ token: 1234567890123456 })).toEqual([
      'token: no text, expected one, in quotes where it looks like a number',
    ])
  })

  it('comes from the environment, and none of them is printed', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax under test
    const settings = { token: '${TOKEN:-}', submissions: { token: SUBMITTER } }
    const given = await load(settings, { TOKEN: OPERATOR })
    expect([given.config.token, given.config.submissions.token]).toEqual([OPERATOR, SUBMITTER])
    const printed = printConfig(given.settings)
    expect(printed).not.toMatch(/0123456789/)
    expect(printed).toContain(`token: "${'*'.repeat(16)}"`)
    expect((await load(settings)).config.token).toBeNull()
  })
})
