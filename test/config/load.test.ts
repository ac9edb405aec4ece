// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax under test
import { execFileSync } from 'node:child_process'
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

function write(name: string, text: string | Buffer): string {
  const file = path.join(folder, name)
  writeFileSync(file, text)
  return file
}

const load = (text: string, env: NodeJS.ProcessEnv = {}) => loadConfig(write('c.yaml', text), env)

/** The problems of a configuration, without the name of the file. */
async function problemsOf(text: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const failure = await load(text, env).then(
    () => new Error('loaded without a problem'),
    (error: unknown) => error,
  )
  if (!(failure instanceof ConfigError)) throw failure
  expect(failure.message).toBe(failure.problems.join('\n'))
  return failure.problems.map((problem) => problem.replaceAll(`${folder}/`, '').replace(/^c\.yaml: ?/, ''))
}

describe('loadConfig', () => {
  it('fills in every default and converts every unit', async () => {
    const { config, warnings, file } = await load(minimal)
    expect(file).toBe(path.join(folder, 'c.yaml'))
    expect(warnings).toEqual([])
    expect(config).toEqual({
      schedule: '*/10 * * * *',
      round: { spreadMs: 60_000 },
      listen: { host: '127.0.0.1', port: 10069 },
      publicUrl: null,
      store: 'sqlite:data/trackerwatch.db',
      groups: [
        {
          name: 'a',
          trackers: [expect.objectContaining({ url: 'udp://t.example:1' })],
          sources: [],
          aliases: {},
          aliveWhen: 'announce',
          schedule: '*/10 * * * *',
          family: 'both',
          timeoutMs: 10_000,
          allowPrivate: false,
          bep34: 'obey',
          intervalFloor: 'min_interval',
          tls: 'strict',
          redirects: 'follow',
          userAgent: expect.stringMatching(/^trackerwatch\/\d+\.\d+\.\d+/),
          headers: {},
          infoHash: null,
          referenceInfoHashes: [],
          keepsPeers: false,
        },
      ],
      probe: {
        timeoutMs: 10_000,
        attempts: 3,
        concurrency: 200,
        startsPerSecond: { udp: 5000, tcp: 1000, tls: 200 },
        family: 'both',
        allowPrivate: false,
        bep34: 'obey',
        intervalFloor: 'min_interval',
        tls: 'strict',
        redirects: 'follow',
        headers: {},
        referenceInfoHashes: [],
        keepsPeers: false,
        userAgent: expect.stringMatching(/^trackerwatch\/\d+\.\d+\.\d+/),
        dns: { servers: [] },
      },
      health: { downAfter: 2, upAfter: 1, recheckMs: 60_000 },
      pauses: [],
      uplink: { witnesses: [] },
      retention: { checksMs: 30 * 86_400_000, hourlyMs: 400 * 86_400_000 },
      backup: { schedule: '17 3 * * *', directory: 'data/backups', keep: 3 },
      lists: {
        directory: 'data/lists',
        stable: { minUptime: 0.95, window: '30d', minAgeMs: 10 * 86_400_000, margin: 0.01, graceMs: 900_000 },
        best: { limit: 20 },
      },
      sources: { directory: 'data/sources' },
      metrics: { perTracker: 'full' },
      probeEndpoint: expect.objectContaining({ enabled: false, targets: 'watched', concurrency: 50 }),
      geo: { country: null, network: null },
      token: null,
      submissions: {
        mode: 'off',
        token: null,
        review: 'hold',
        group: expect.objectContaining({ name: 'submitted', trackers: [], allowPrivate: false, timeoutMs: 10_000 }),
        max: 1000,
        perHour: 60,
        file: 'data/submissions.json',
      },
      log: { level: 'info', levels: {}, format: 'auto' },
    })
  })

  it('reads every key where it is given', async () => {
    const { config } = await load(`
schedule: "*/30 * * * * *"
round: { spread: 0s }
listen: "[::1]:0"
public_url: https://Trackers.example:8443/
store: sqlite:/var/lib/tw.db
groups:
  - name: private
    trackers: [https://t.example/0123456789abcdef/announce]
    sources: [{ url: https://lists.example/all.txt, refresh: 6h }]
    aliases: { HTTPS://t.example/0123456789abcdef/announce: [http://t.example/old, "udp://Old.example:1"] }
    alive_when: response
    schedule: 0 * * * *
    family: 6
    timeout: 20s
    allow_private: true
    bep34: ignore
    interval_floor: none
    tls: strict
    redirects: follow
    user_agent: them/{version}
    headers: { Cookie: a=b }
    info_hash: urn:btih:${'ab'.repeat(20)}
    reference_info_hashes: ["${'12'.repeat(20)}"]
    keeps_peers: false
probe:
  timeout: 250ms
  attempts: 1
  concurrency: 7
  starts_per_second: { udp: 1, tcp: 2, tls: 3 }
  family: 4
  allow_private: false
  bep34: report
  interval_floor: interval
  tls: report
  redirects: report
  user_agent: me
  headers: { X-One: "1", X-Two: "" }
  reference_info_hashes: [${'A7'.repeat(16)}]
  keeps_peers: true
  dns: { servers: [192.0.2.1, "[2001:db8::1]:5353"] }
health: { down_after: 5, up_after: 3, recheck: 2m }
pauses: [{ groups: [private], until: 2026-12-02T02:00Z }]
uplink: { witnesses: [192.0.2.1:443, "[2001:db8::1]:53"] }
retention: { checks: 1d }
backup: { schedule: never, directory: /srv/backups, keep: 30 }
lists: { directory: /srv/lists, stable: { min_uptime: 0.5, window: 7d, min_age: 0s, margin: 0.1, grace: 0s }, best: { limit: 3 } }
geo: { country: /srv/country.mmdb, network: /srv/network.mmdb }
sources: { directory: /srv/sources }
token: operator-0123456789
submissions:
  { mode: open, token: submitter-0123456789, review: accept, group: strangers, max: 5, per_hour: 7, file: /srv/s.json }
log: { level: debug, levels: { probe: warn }, format: pretty }
`)
    expect(config).toEqual({
      schedule: '*/30 * * * * *',
      round: { spreadMs: 0 },
      listen: { host: '::1', port: 0 },
      publicUrl: 'https://trackers.example:8443',
      store: 'sqlite:/var/lib/tw.db',
      groups: [
        {
          name: 'private',
          trackers: [expect.objectContaining({ url: 'https://t.example:443/0123456789abcdef/announce' })],
          sources: [{ url: 'https://lists.example/all.txt', refreshMs: 6 * 3_600_000 }],
          aliases: {
            'https://t.example:443/0123456789abcdef/announce': ['http://t.example:80/old', 'udp://old.example:1'],
          },
          aliveWhen: 'response',
          schedule: '0 * * * *',
          family: 6,
          timeoutMs: 20_000,
          allowPrivate: true,
          bep34: 'ignore',
          intervalFloor: 'none',
          tls: 'strict',
          redirects: 'follow',
          userAgent: expect.stringMatching(/^them\/\d+\.\d+\.\d+/),
          headers: { Cookie: 'a=b' },
          infoHash: new Uint8Array(20).fill(0xab),
          referenceInfoHashes: [new Uint8Array(20).fill(0x12)],
          keepsPeers: false,
        },
      ],
      probe: {
        timeoutMs: 250,
        attempts: 1,
        concurrency: 7,
        startsPerSecond: { udp: 1, tcp: 2, tls: 3 },
        family: 4,
        allowPrivate: false,
        bep34: 'report',
        intervalFloor: 'interval',
        tls: 'report',
        redirects: 'report',
        userAgent: 'me',
        headers: { 'X-One': '1', 'X-Two': '' },
        referenceInfoHashes: [Uint8Array.from(Buffer.from('07c1f07c1f07c1f07c1f07c1f07c1f07c1f07c1f', 'hex'))],
        keepsPeers: true,
        dns: { servers: ['192.0.2.1', '[2001:db8::1]:5353'] },
      },
      health: { downAfter: 5, upAfter: 3, recheckMs: 120_000 },
      pauses: [
        { trackers: [], groups: ['private'], from: null, until: new Date('2026-12-02T02:00:00Z'), reason: null },
      ],
      uplink: {
        witnesses: [
          { host: '192.0.2.1', port: 443 },
          { host: '2001:db8::1', port: 53 },
        ],
      },
      retention: { checksMs: 86_400_000, hourlyMs: 400 * 86_400_000 },
      backup: { schedule: null, directory: '/srv/backups', keep: 30 },
      lists: {
        directory: '/srv/lists',
        stable: { minUptime: 0.5, window: '7d', minAgeMs: 0, margin: 0.1, graceMs: 0 },
        best: { limit: 3 },
      },
      sources: { directory: '/srv/sources' },
      metrics: { perTracker: 'full' },
      probeEndpoint: expect.objectContaining({ enabled: false, targets: 'watched', concurrency: 50 }),
      geo: { country: '/srv/country.mmdb', network: '/srv/network.mmdb' },
      token: 'operator-0123456789',
      submissions: {
        mode: 'open',
        token: 'submitter-0123456789',
        review: 'accept',
        // Strangers get neither the operator's headers nor a way to private addresses.
        group: expect.objectContaining({
          name: 'strangers',
          allowPrivate: false,
          headers: {},
          infoHash: null,
          tls: 'report',
          bep34: 'obey',
        }),
        max: 5,
        perHour: 7,
        file: '/srv/s.json',
      },
      log: { level: 'debug', levels: { probe: 'warn' }, format: 'pretty' },
    })
  })

  it('lets a group have the settings of all where it has none of its own', async () => {
    const { config } = await load(
      `schedule: "0 * * * *"
probe:
  timeout: 3s
  family: 4
  allow_private: true
  bep34: report
  tls: report
  redirects: report
  user_agent: me
  headers: { X-One: "1" }
  reference_info_hashes: ["${'12'.repeat(20)}"]
  keeps_peers: true
${minimal}`,
    )
    expect(config.groups[0]).toMatchObject({
      schedule: '0 * * * *',
      timeoutMs: 3_000,
      family: 4,
      allowPrivate: true,
      bep34: 'report',
      tls: 'report',
      redirects: 'report',
      userAgent: 'me',
      headers: { 'X-One': '1' },
      infoHash: null,
      referenceInfoHashes: [new Uint8Array(20).fill(0x12)],
      keepsPeers: true,
    })
  })

  it('says what is wrong with an address of a witness, a rate of starts and an interval floor', async () => {
    const witnesses = '[192.0.2.1, 192.0.2.1:0, witness.example:443, 2001:db8::1]'
    const probe = '{ starts_per_second: { udp: 0, tls: 2000000 }, interval_floor: max }'
    const expected = 'expected an IP address with a port such as 192.0.2.1:443 or [2001:db8::1]:53'
    expect(await problemsOf(`uplink: { witnesses: ${witnesses} }\nprobe: ${probe}\n${minimal}`)).toEqual([
      `1:23: uplink.witnesses[0]: "192.0.2.1", ${expected}`,
      `1:34: uplink.witnesses[1]: "192.0.2.1:0", ${expected}`,
      `1:47: uplink.witnesses[2]: "witness.example:443", ${expected}`,
      `1:68: uplink.witnesses[3]: "2001:db8::1", ${expected}`,
      '2:36: probe.starts_per_second.udp: 0, expected at least 1',
      '2:44: probe.starts_per_second.tls: 2000000, expected at most 1000000',
      '2:71: probe.interval_floor: "max", expected one of min_interval, interval, none',
    ])
  })

  it.each([
    ['trackers.example', '"trackers.example", expected an http:// or https:// URL'],
    ['ftp://trackers.example', '"ftp://trackers.example", expected an http:// or https:// URL'],
    [
      'https://trackers.example/monitor',
      '"https://trackers.example/monitor", expected scheme, host and port alone such as https://trackers.example',
    ],
    [
      'https://me:secret@trackers.example',
      '"https://***@trackers.example", expected scheme, host and port alone such as https://trackers.example',
    ],
  ])('refuses %s as public_url', async (value, problem) => {
    expect(await problemsOf(`public_url: ${value}\n${minimal}`)).toEqual([`1:13: public_url: ${problem}`])
  })

  it('reports all problems at once, each with its place, in the order of the file', async () => {
    const problems = await problemsOf(`schedule: "*/90 * * * * *"
listn: 127.0.0.1:1
store: postgres:db
groups:
  - name: "a b"
    trackrs: []
    trackers:
      - udp://t.example
      - 5
    file: missing.txt
    alive_when: always
    timeout: 5
    sources: [{}, { url: "x y", refresh: 1s }]
  - name: empty
  - name: empty
    file: .
probe: { family: 5, concurrency: 0.5, attempts: 11, timeout: 1y, dns: { servers: [x] } }
lists:
health: 3
`)
    expect(problems).toEqual([
      '1:11: schedule: "*/90 * * * * *", expected a step of at most 59 in "*/90": the second runs from 0 to 59',
      '2:1: listn: unknown key, did you mean "listen"?',
      '3:8: store: "postgres:db", expected one of sqlite:…',
      '5:11: groups[0].name: "a b", expected letters, digits, ".", "-", "_", at most 63',
      '6:5: groups[0].trackrs: unknown key, did you mean "trackers"?',
      '8:9: groups[0].trackers[0]: udp URL without a port, expected udp://host:port',
      '9:9: groups[0].trackers[1]: no scheme, expected one of udp://, http://, https://, ws://, wss:// in front',
      '10:11: groups[0].file: missing.txt: no such file',
      '11:17: groups[0].alive_when: "always", expected one of announce, response',
      '12:14: groups[0].timeout: "5", expected a duration such as 250ms, 30s, 5m, 1h30m or 30d',
      '13:15: groups[0].sources[0].url: missing, expected a text',
      '13:26: groups[0].sources[1].url: "x y", expected an http:// or https:// URL',
      '13:42: groups[0].sources[1].refresh: "1s", expected 1m to 365d',
      '14:5: groups[1]: names no trackers, expected trackers, file or sources',
      '15:11: groups[2].name: "empty" is the name of an earlier group too',
      `16:11: groups[2].file: ${folder}: is a directory, expected a file`,
      '17:18: probe.family: 5, expected one of both, 4, 6',
      '17:34: probe.concurrency: 0.5, expected a whole number',
      '17:49: probe.attempts: 11, expected at most 8',
      '17:62: probe.timeout: "1y", expected a duration such as 250ms, 30s, 5m, 1h30m or 30d',
      '17:83: probe.dns.servers[0]: "x", expected an IP address, or one with a port such as 9.9.9.9:53 or [2620:fe::fe]:53',
      '18:7: lists: no value, expected a section with keys of its own',
      '19:9: health: 3, expected a section with keys of its own',
    ])
  })

  it.each([
    ['a file without content', '', 'empty, expected at least "groups:" with trackers'],
    ['a file of comments', '# groups:\n', 'empty, expected at least "groups:" with trackers'],
    [
      'a list of trackers',
      'udp://t.example:1\nudp://t.example:2\n',
      '1:1: "udp://t.example:1 udp://t.example:2", expected a section with keys of its own',
    ],
    ['no groups', 'listen: "[::1]:0"\n', '1:1: groups: missing, expected a list'],
    ['an empty list of groups', 'groups: []\n', '1:9: groups: 0 entries, expected at least 1'],
    [
      'a broken flow',
      'groups: [\nlisten: x\n',
      '2:1: no valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a tab', 'groups:\n\t- name: x\n', '2:1: no valid YAML: tabs are not allowed as indentation'],
    ['two documents', `${minimal}---\n${minimal}`, '4:1: a second document begins here, expected one'],
    ['a key given twice', `${minimal}log: {}\nlog: {}\n`, '5:1: log: given twice'],
    [
      'a subsystem',
      `${minimal}log: { levels: { zebra: debug } }\n`,
      '4:18: log.levels.zebra: unknown key, expected one of daemon, config, monitor, probe, uplink, store, backup, lists, sources, submissions, geo, http',
    ],
    ['an unknown tag', `${minimal}store: !file x\n`, '4:8: no valid YAML: unresolved tag: !file'],
    ['an alias without its anchor', `${minimal}store: *x\n`, '4:8: store: no anchor "&x" before this alias'],
    [
      'a prototype',
      `${minimal}__proto__: { a: 1 }\n`,
      '4:1: __proto__: unknown key, expected one of schedule, round, listen, public_url, store, groups, probe, health, pauses, uplink, retention, backup, lists, sources, metrics, probe_endpoint, geo, token, submissions, log',
    ],
  ])('names the problem of %s', async (_, text, expected) => {
    expect((await problemsOf(text))[0]).toBe(expected)
  })

  it('says which file is missing', async () => {
    const file = path.join(folder, 'nothing.yaml')
    await expect(loadConfig(file, {})).rejects.toThrow(new ConfigError([`${file}: no such file`]))
    await expect(loadConfig(folder, {})).rejects.toThrow(
      new ConfigError([`${folder}: is a directory, expected a file`]),
    )
  })

  it.skipIf(process.platform === 'win32')(
    'refuses a pipe, which could block for ever (skipped on Windows)',
    async () => {
      const pipe = path.join(folder, 'pipe')
      execFileSync('mkfifo', [pipe])
      await expect(loadConfig(pipe, {})).rejects.toThrow(`${pipe}: is no regular file`)
    },
  )
})

describe('limits', () => {
  it('a configuration has at most 1 MiB', async () => {
    const file = write('c.yaml', minimal + ' '.repeat(1024 * 1024))
    await expect(loadConfig(file, {})).rejects.toThrow(`${file}: more than 1048576 bytes, expected at most that many`)
  })

  it('aliases do not multiply without end', async () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (const [of, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'].entries()) {
      const [from, to] = name
      bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(', ')}] # level ${of}`)
    }
    expect(await problemsOf(`${minimal}${bomb.join('\n')}\n`)).toContainEqual(
      expect.stringMatching(/more than 200000 values, aliases counted each time$/),
    )
  })

  it('an alias that contains itself is nested too deeply', async () => {
    expect(await problemsOf(`${minimal}log: &x [*x]\n`)).toContainEqual(
      '4:10: nested too deeply, expected at most 32 levels',
    )
  })

  it.each(['[', '- ', '{a: '])('100,000 times "%s" are refused in a moment', async (unit) => {
    const [problem] = await problemsOf(unit.repeat(100_000))
    expect(problem).toMatch(/nested too deeply|no valid YAML/)
  })

  it('a flood of problems is cut short', async () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `k${index}: 1`).join('\n')
    const problems = await problemsOf(keys)
    expect(problems).toHaveLength(101)
    expect(problems.at(-1)).toBe('9901 more problems')
  })
})

describe('anchors', () => {
  it('save repetition', async () => {
    const { config } = await load(`
groups:
  - { name: a, trackers: &both [udp://t.example:1], timeout: &long 42s }
  - { name: b, trackers: [udp://t.example:2], timeout: *long }
`)
    expect(config.groups.map(({ timeoutMs }) => timeoutMs)).toEqual([42_000, 42_000])
  })
})

describe('variables', () => {
  it('are replaced in values of every type', async () => {
    const { config } = await load(
      `listen: \${HOST:-127.0.0.1}:\${PORT}\nprobe:\n  concurrency: \${N}\n  allow_private: \${PRIVATE:-true}\n  user_agent: "\${N}"\n${minimal}`,
      { PORT: '8080', N: '12' },
    )
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 8080 })
    expect(config.probe).toMatchObject({ concurrency: 12, allowPrivate: true, userAgent: '12' })
  })

  it('cannot bring in structure', async () => {
    const problems = await problemsOf(`log:\n  level: \${LEVEL}\n${minimal}`, { LEVEL: 'info\nstore: x' })
    expect(problems).toEqual(['2:10: log.level: "info\nstore: x", expected one of debug, info, warn, error'])
  })

  it('are a problem of their own where they are missing, and the places of others stay right', async () => {
    const problems = await problemsOf(
      `store: \${STORE}\nlisten: \${LONG:-a-very-long-default-indeed:1} # \${COMMENT}\nx: 1\n${minimal}`,
    )
    expect(problems).toEqual([
      '1:8: store: environment variable STORE is not set and has no default',
      expect.stringMatching(/^3:1: x: unknown key/),
    ])
  })
})

describe('files of trackers', () => {
  it('are read beside the configuration, together with the inline ones, without duplicates', async () => {
    write('list.txt', '# mine\nudp://t.example:2\n\nUDP://T.example:1\n')
    const { config, warnings } = await load(`${minimal}    file: list.txt\n`)
    expect(config.groups[0]?.trackers.map(({ url }) => url)).toEqual(['udp://t.example:1', 'udp://t.example:2'])
    expect(warnings).toEqual([])
  })

  it('may have bad lines, which are warnings with their place and without passkeys', async () => {
    write('list.txt', 'udp://t.example:2\n  t.example:80/a\nftp://t.example/0123456789abcdef/announce\n')
    const { config, warnings } = await load(`${minimal}    file: list.txt\n`)
    expect(config.groups[0]?.trackers).toHaveLength(2)
    expect(warnings).toEqual([
      `${folder}/list.txt:2:3: "t.example:80/a": no scheme, expected one of udp://, http://, https://, ws://, wss:// in front`,
      `${folder}/list.txt:3:1: "ftp://t.example/***/announce": scheme "ftp", expected one of udp, http, https, ws, wss`,
    ])
  })

  it('do not flood the log with bad lines', async () => {
    write('list.txt', 'x\n'.repeat(100))
    const { warnings } = await load(`${minimal}    file: list.txt\n`)
    expect(warnings).toHaveLength(21)
    expect(warnings.at(-1)).toBe(`${folder}/list.txt: 80 more such entries`)
  })

  it('are refused as a whole where they are no list', async () => {
    write('list.txt', Buffer.from([0, 1, 2, 3]))
    expect(await problemsOf(`${minimal}    file: list.txt\n`)).toEqual([
      '4:11: groups[0].file: list.txt: binary content (a NUL byte), expected UTF-8 text with one announce URL per line',
    ])
  })

  it('are refused above 8 MiB', async () => {
    write('list.txt', Buffer.alloc(8 * 1024 * 1024 + 1, '\n'))
    expect(await problemsOf(`${minimal}    file: list.txt\n`)).toEqual([
      '4:11: groups[0].file: list.txt: more than 8388608 bytes, expected at most that many',
    ])
  })

  it('are a problem if none of them holds a tracker', async () => {
    write('list.txt', '# nothing yet\n')
    expect(await problemsOf('groups:\n  - { name: a, file: list.txt }\n')).toEqual([
      '2:3: groups: no tracker in any group',
    ])
  })

  it('may be empty where trackers are to come from the web', async () => {
    const { config } = await load('groups:\n  - { name: a, sources: [{ url: http://lists.example/ }] }\n')
    expect(config.groups[0]).toMatchObject({ trackers: [], sources: [{ refreshMs: 86_400_000 }] })
  })
})

describe('a tracker in two groups', () => {
  it('stays in the first, with a warning', async () => {
    const { config, warnings } = await load(
      `${minimal}  - name: b\n    trackers: [UDP://T.example:1, https://t.example/0123456789abcdef/a]\n  - name: c\n    trackers: [https://t.example/0123456789abcdef/a]\n`,
    )
    expect(config.groups.map(({ trackers }) => trackers.length)).toEqual([1, 1, 0])
    expect(warnings).toEqual([
      'group "b": udp://t.example:1 is left out, it is in group "a" already',
      'group "c": https://t.example:443/***/a is left out, it is in group "b" already',
    ])
  })
})

describe('printConfig', () => {
  it('prints what is in effect, without secrets, as a configuration that loads again', async () => {
    const { settings } = await load(
      `groups:
  - name: a
    trackers: ["https://t.example/\${KEY}/announce", "http://me:hunter2@t.example/a?passkey=abcdef"]
    sources: [{ url: "https://me:hunter2@lists.example/all.txt?token=abcdef" }]
`,
      { KEY: '0123456789abcdef' },
    )
    const printed = printConfig(settings)
    expect(printed).not.toMatch(/0123456789abcdef|hunter2|abcdef/)
    expect(printed).toContain('- https://t.example/***/announce\n')
    expect(printed).toContain('url: https://***@lists.example/all.txt?token=***\n')
    expect(printed).toContain('timeout: 10s\n')
    expect((await load(printed)).settings).toEqual({ ...settings, groups: [expect.objectContaining({ name: 'a' })] })
  })
})
