import { describe, expect, it } from 'vitest'
import { INFO_HASH, run } from './support.js'

const URL = 'udp://t.example:6969/announce'
const QUERY = ['query', URL, INFO_HASH]

describe('a command line that is not right ends with 2 and one sentence', () => {
  it.each<[readonly string[], string]>([
    [['check'], 'check has nothing to check, expected announce URLs, -f FILE, --torrent FILE or --magnet URI'],
    [['check', '--timeout', '5', URL], '--timeout is "5", expected a duration such as 250ms, 30s, 5m, 1h30m or 30d'],
    [['check', '--timeout', '1h', URL], '--timeout is "1h", expected 10ms to 10m'],
    [['check', '--attempts', '9', URL], '--attempts is "9", expected a whole number from 1 to 8'],
    [['check', '--attempts', '2.5', URL], '--attempts is "2.5", expected a whole number from 1 to 8'],
    [['check', '--concurrency', '0', URL], '--concurrency is "0", expected a whole number from 1 to 10000'],
    [['check', '--family', '5', URL], '--family is "5", expected one of 4, 6, both'],
    [['check', '--alive-when', 'up', URL], '--alive-when is "up", expected one of announce, response'],
    [['check', '--redirects', 'no', URL], '--redirects is "no", expected one of follow, report'],
    [['check', '--user-agent', 'a\nb', URL], '--user-agent is "a\\nb", expected 1 to 256 printable ASCII characters'],
    [['check', '--header', 'nothing', URL], '--header is "nothing", expected "Name: value"'],
    [['check', '--header', 'Host: x', URL], '--header: header Host is set by the probe itself, expected another one'],
    [['check', '--header', 'A: 1', '--header', 'A: 2', URL], '--header: header A is given twice'],
    [['check', '--bep34', 'fix', URL], '--bep34 is "fix", expected one of obey, report, ignore'],
    [
      ['check', '--info-hash', 'xy', URL],
      '--info-hash: info hash "xy" of 2 characters, expected 40 hex digits, 32 base32 characters, 64 hex digits (v2) or 20 bytes',
    ],
    [
      ['check', '--tmeout', '5s'],
      `unknown option '--tmeout' (Did you mean --timeout?), see "trackerwatch check --help"`,
    ],
    [['check', '--timeout'], `option '--timeout <duration>' argument missing, see "trackerwatch check --help"`],
    [['chekc'], `unknown command 'chekc' (Did you mean check?), see "trackerwatch --help"`],
    [['run', 'x.yaml'], `too many arguments for 'run'. Expected 0 arguments but got 1, see "trackerwatch run --help"`],
    [['query', URL], `missing required argument 'info_hash', see "trackerwatch query --help"`],
    [
      ['query', 'http//x', INFO_HASH],
      'announce URL "http//x": no scheme, expected one of udp://, http://, https://, ws://, wss:// in front',
    ],
    [[...QUERY, '--left', '-1'], '--left is "-1", expected a whole number of bytes from 0 to 2^63 - 1'],
    [
      [...QUERY, '--uploaded', '9223372036854775808'],
      '--uploaded is "9223372036854775808", expected a whole number of bytes from 0 to 2^63 - 1',
    ],
    [[...QUERY, '--port', '65536'], '--port is "65536", expected a whole number from 0 to 65535'],
    [[...QUERY, '--num-want', '-2'], '--num-want is "-2", expected a whole number from -1 to 2147483647'],
    [[...QUERY, '--event', 'paused'], '--event is "paused", expected one of none, started, stopped, completed'],
    [[...QUERY, '--ip', 'localhost'], '--ip is "localhost", expected an IPv4 or IPv6 address'],
    [[...QUERY, '--header', 'nothing'], '--header is "nothing", expected "Name: value"'],
    [[...QUERY, '--header', 'A: b\r\nC: d'], '--header is "A: b\\r\\nC: d", expected "Name: value"'],
    [
      [...QUERY, '--peer-id', 'x'.repeat(21)],
      `--peer-id: peer id "${'x'.repeat(21)}" of 21 bytes, expected at most 20`,
    ],
    [['scrape', URL], `missing required argument 'info_hash', see "trackerwatch scrape --help"`],
    [
      ['scrape', URL, INFO_HASH, 'ab'],
      'INFO_HASH: info hash "ab" of 2 characters, expected 40 hex digits, 32 base32 characters, 64 hex digits (v2) or 20 bytes',
    ],
    [['export', 'good'], 'list "good", expected one of alive, stable, best, all, udp, http, https, ws'],
    [['export', 'best', '--format', 'xml'], '--format is "xml", expected one of lines, blank, aria2, json, csv'],
    [
      ['history', 'tracker'],
      '"tracker" is neither an announce URL (no scheme, expected one of udp://, http://, https://, ws://, wss:// in front) nor an id of 12 hex digits',
    ],
    [
      ['history', URL, '--since', 'ever'],
      '--since is "ever", expected a duration such as 250ms, 30s, 5m, 1h30m or 30d',
    ],
    [['db', 'import'], `missing required argument 'file', see "trackerwatch db --help"`],
    [['db', 'backup'], `missing required argument 'file', see "trackerwatch db --help"`],
  ])('%j', async (args, sentence) => {
    const { code, stdout, stderr } = await run(args)
    expect(stderr).toBe(`trackerwatch: ${sentence}\n`)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  it.each([[[]], [['config']], [['db']]])('%j shows what there is', async (args) => {
    const { code, stdout, stderr } = await run(args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('Commands:')
  })
})

describe('help', () => {
  it('names every command and every exit code', async () => {
    const { code, stdout, stderr } = await run(['--help'])
    expect(code).toBe(0)
    expect(stderr).toBe('')
    for (const name of ['run', 'check', 'query', 'scrape', 'export', 'history', 'config', 'db']) {
      expect(stdout).toMatch(new RegExp(`^  ${name} +\\w`, 'm'))
    }
    expect(stdout).toMatch(/Exit codes: 0 .* 1 .* 2 .* 3 /s)
  })

  it.each(['run', 'check', 'query', 'scrape', 'export', 'history', 'config', 'db'])(
    'of %s has examples',
    async (name) => {
      const { code, stdout } = await run([name, '--help'])
      expect(code).toBe(0)
      expect(stdout).toContain(`Examples:\n  trackerwatch ${name}`)
      expect((await run(['help', name])).stdout).toBe(stdout)
    },
  )

  it('says each default once', async () => {
    const { stdout } = await run(['check', '--help'])
    expect(stdout.match(/\(default:[^)]*\)\s*\(default/)).toBeNull()
  })

  it('prints the version', async () => {
    const { code, stdout } = await run(['--version'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
