// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax under test
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

const minimal = 'groups:\n  - name: a\n    trackers: [udp://t.example:1]\n'

function load(text: string, env: NodeJS.ProcessEnv = {}) {
  const file = path.join(folder, 'c.yaml')
  writeFileSync(file, text)
  return loadConfig(file, env)
}

/** The problems of a configuration, without the name of the file. */
async function problemsOf(text: string): Promise<readonly string[]> {
  const error = await load(text).catch((reason: unknown) => reason)
  if (!(error instanceof ConfigError)) throw error
  return error.problems.map((problem) => problem.slice(`${folder}/c.yaml:`.length))
}

describe('the policy of a group', () => {
  it('takes the headers of a group instead of the common ones, not beside them', async () => {
    const { config } = await load(`probe: { headers: { X-One: "1" } }\n${minimal}    headers: {}\n`)
    expect(config.groups[0]?.headers).toEqual({})
  })

  it('says what is wrong with info hashes and headers, and never shows the value of one', async () => {
    const problems = await problemsOf(`groups:
  - name: a
    trackers: [udp://t.example:1]
    info_hash: 0123456789012345678901234567890123456789
    reference_info_hashes: [xy, 12e4567890123456789012345678901234567890]
probe:
  user_agent: "a\\nb"
  headers:
    Host: secret.example
    Sec-WebSocket-Key: secret
    a b: secret
    Cookie: "secret\\nX: secret"
    X-Number: 5
    X-Same: secret
    x-same: secret
  reference_info_hashes: [${Array(5)
    .fill(`"${'12'.repeat(20)}"`)
    .join(', ')}]
`)
    expect(problems).toEqual([
      '4:16: groups[0].info_hash: a number, expected the info hash in quotes',
      '5:29: groups[0].reference_info_hashes[0]: info hash "xy" of 2 characters, expected 40 hex digits, 32 base32 characters, 64 hex digits (v2) or 20 bytes',
      '5:33: groups[0].reference_info_hashes[1]: a number, expected the info hash in quotes',
      '7:15: probe.user_agent: expected 1 to 256 printable ASCII characters',
      '13:15: probe.headers.X-Number: no text, expected one, in quotes where it looks like a number',
      '16:26: probe.reference_info_hashes: 5 entries, expected at most 4',
    ])
    expect(
      await problemsOf(`${minimal}probe:
  headers:
    Host: secret.example
    Sec-WebSocket-Key: secret
    a b: secret
    Cookie: "secret\\nX: secret"
    X-Same: secret
    x-same: secret
`),
    ).toEqual([
      '6:11: probe.headers.Host: header Host is set by the probe itself, expected another one',
      '7:24: probe.headers.Sec-WebSocket-Key: header Sec-WebSocket-Key is set by the probe itself, expected another one',
      '8:10: probe.headers.a b: header name "a b", expected letters, digits and dashes',
      '9:13: probe.headers.Cookie: value of header Cookie, expected printable text in one line, at most 4096 characters',
      '11:13: probe.headers.x-same: header x-same is given twice',
    ])
  })

  it('warns where strangers would get what the group sends along', async () => {
    const sources = 'sources: [{ url: https://lists.example/all.txt }]'
    const { warnings } = await load(`probe: { headers: { X-Common: "1" } }
groups:
  - { name: a, ${sources}, headers: { Cookie: secret }, info_hash: ${'ab'.repeat(20)} }
  - { name: b, ${sources} }
  - { name: c, ${sources}, headers: {} }
  - { name: d, trackers: [udp://t.example:1], headers: { Cookie: secret } }
`)
    expect(warnings).toEqual([
      'group "a": every tracker that its sources name gets its header Cookie',
      'group "a": every tracker that its sources name gets its info_hash',
      'group "b": every tracker that its sources name gets its header X-Common',
    ])
  })

  it('is printed with the names of headers, and never with their values', async () => {
    const { settings } = await load(
      'probe: { headers: { X-Own: shibboleth } }\n' +
        'groups: [{ name: a, trackers: [udp://t.example:1], headers: { Cookie: "pass=${PASS}" } }]\n',
      { PASS: 'swordfish' },
    )
    expect(settings.groups[0]?.headers).toEqual({ Cookie: 'pass=swordfish' })
    const printed = printConfig(settings)
    expect(printed).not.toMatch(/swordfish|shibboleth/)
    const { settings: again } = await load(printed)
    expect(again.probe.headers).toEqual({ 'X-Own': '***' })
    expect(again.groups[0]?.headers).toEqual({ Cookie: '***' })
  })
})
