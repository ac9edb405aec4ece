import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../src/config/load.js'
import { ownPolicy } from '../../src/config/policy-fields.js'
import { printConfig } from '../../src/config/print.js'
import { ConfigError } from '../../src/config/problem.js'

const groups = 'groups:\n  - name: a\n    trackers: [udp://t.example:1]\n    allow_private: true\n'

function load(text: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'trackerwatch-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'c.yaml')
  writeFileSync(file, text + groups)
  return loadConfig(file, {})
}

async function problemsOf(text: string): Promise<readonly string[]> {
  const error = await load(text).catch((reason: unknown) => reason)
  if (!(error instanceof ConfigError)) throw error
  return error.problems.map((problem) => problem.replace(/^.*c\.yaml:/, ''))
}

describe('the modules of /probe', () => {
  it('are one by itself, off, for watched trackers, without the headers of probe and never at private addresses', async () => {
    const { config, warnings } = await load(
      'probe: { timeout: 3s, allow_private: true, headers: { Cookie: secret }, redirects: report, user_agent: x }\n',
    )
    const { enabled, targets, modules } = config.probeEndpoint
    expect({ enabled, targets }).toEqual({ enabled: false, targets: 'watched' })
    expect([...modules.keys()]).toEqual(['default'])
    expect(modules.get('default')).toMatchObject({
      ...{ allowPrivate: false, headers: {}, accept: ['ok'] },
      ...{ timeoutMs: 3000, redirects: 'report', userAgent: 'x', infoHash: null },
    })
    expect(warnings).toEqual([])
  })

  it('take every key of policy, and may replace the one that is there', async () => {
    const { config } = await load(`probe_endpoint:
  enabled: true
  targets: ["udp://*.Example.org:6969"]
  concurrency: 7
  modules:
    default: { timeout: 1s }
    own:
      accept: [ok, rejected]
      family: 6
      timeout: 2s
      allow_private: true
      bep34: ignore
      tls: report
      redirects: report
      user_agent: own
      headers: { X-One: "1" }
      info_hash: "0123456789abcdef0123456789abcdef01234567"
      reference_info_hashes: ["fedcba9876543210fedcba9876543210fedcba98"]
      keeps_peers: true
`)
    expect(config.probeEndpoint).toEqual({
      enabled: true,
      targets: [{ scheme: 'udp', host: '*.example.org', port: '6969', path: '*' }],
      concurrency: 7,
      modules: new Map([
        ['default', expect.objectContaining({ timeoutMs: 1000, allowPrivate: false, accept: ['ok'] })],
        [
          'own',
          {
            accept: ['ok', 'rejected'],
            family: 6,
            timeoutMs: 2000,
            allowPrivate: true,
            bep34: 'ignore',
            tls: 'report',
            redirects: 'report',
            userAgent: 'own',
            headers: { 'X-One': '1' },
            infoHash: new Uint8Array(Buffer.from('0123456789abcdef0123456789abcdef01234567', 'hex')),
            referenceInfoHashes: [new Uint8Array(Buffer.from('fedcba9876543210fedcba9876543210fedcba98', 'hex'))],
            keepsPeers: true,
          },
        ],
      ]),
    })
  })

  it('are refused with a sentence for each mistake', async () => {
    expect(
      await problemsOf(`probe_endpoint:
  targets: ["udp://a.example", "b.example"]
  modules:
    one: { acept: [ok] }
    two: { accept: [skipped] }
    three: { accept: [] }
    four: { schedule: "* * * * *" }
`),
    ).toEqual([
      '2:32: probe_endpoint.targets[1]: no pattern of announce URLs, expected scheme://host:port/path with "*" for anything, port and path may be left out',
      '4:12: probe_endpoint.modules.one.acept: unknown key, did you mean "accept"?',
      '5:21: probe_endpoint.modules.two.accept[0]: "skipped", expected one of ok, rejected, failed',
      '6:22: probe_endpoint.modules.three.accept: 0 entries, expected at least 1',
      expect.stringContaining(
        '7:13: probe_endpoint.modules.four.schedule: unknown key, expected one of family, timeout,',
      ),
    ])
  })

  it('have names fit for a query', async () => {
    expect(await problemsOf('probe_endpoint: { modules: { a b: {} } }\n')).toEqual([
      '1:35: probe_endpoint.modules.a b: no name of a module, expected letters, digits, ".", "-", "_", at most 63',
    ])
  })

  it.each(['all', '{}', '5'])('are not for the targets %s', async (targets) => {
    expect(await problemsOf(`probe_endpoint: { targets: ${targets} }\n`)).toEqual([
      '1:28: probe_endpoint.targets: expected watched, any or a list of patterns such as "udp://*.example.org:6969/announce"',
    ])
  })

  it('are shown without the values of headers and the passkeys of targets', async () => {
    const { settings } = await load(`probe_endpoint:
  targets: ["https://t.example/0123456789abcdef0123456789abcdef/announce"]
  modules: { own: { headers: { Cookie: secret-of-mine } } }
`)
    const printed = printConfig(settings)
    expect(printed).toContain('https://t.example/***/announce')
    expect(printed).toMatch(/Cookie: "?\*\*\*/)
    expect(printed).not.toMatch(/secret-of-mine|0123456789abcdef/)
  })

  it('warn where anybody can have a header sent to a place of his own', async () => {
    const modules = 'modules: { own: { headers: { Cookie: secret-of-mine } } }'
    const { warnings } = await load(`probe_endpoint: { enabled: true, targets: any, ${modules} }\n`)
    expect(warnings).toEqual([
      'probe_endpoint.modules.own: whoever asks can have header Cookie sent to a place of his own',
    ])
    expect((await load(`probe_endpoint: { enabled: true, ${modules} }\n`)).warnings).toEqual([])
  })

  it('are explained in the shipped configuration, every key', () => {
    const shipped = readFileSync(new URL('../../config/trackerwatch.yaml', import.meta.url), 'utf8')
    const [, section = ''] = /^probe_endpoint:\n(.*?)^\w/ms.exec(shipped) ?? []
    const missing = ['accept', ...Object.keys(ownPolicy)].filter((key) => !section.includes(`  #     ${key}: `))
    expect(missing).toEqual([])
  })
})
