import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { compactPeers } from '../support/encode.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { announced } from '../support/udp-tracker.js'
import { directory, refusing, run, silent, tracker } from './support.js'

/** For trackers that answer; the silent ones are given less. */
const LOCAL = ['--allow-private', '--timeout', '5s']

function check(...args: string[]) {
  return run(['check', ...LOCAL, ...args])
}

describe('check', () => {
  it('ends with 0 when every tracker is alive, one line each and the sum on stderr', async () => {
    const urls = [await tracker(), await tracker()].toSorted()
    const { code, stdout, stderr } = await check(...urls)
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n').toSorted()).toEqual(
      urls.map((url) => expect.stringMatching(new RegExp(`^✓ ${url} +\\d+(\\.\\d)? ms  interval 1800 s$`))),
    )
    expect(stderr).toMatch(/^2 of 2 alive · \d+\.\d s\n$/)
  })

  it('ends with 1 when some are not, and says why in words', async () => {
    const [alive, refusal, dead] = [
      await tracker(),
      await tracker({ announce: refusing('torrent not registered') }),
      await tracker({ connect: silent }),
    ]
    const { code, stdout, stderr } = await check('--timeout', '1s', alive, refusal, dead)
    expect(code).toBe(1)
    expect(stdout).toMatch(`! ${refusal}`)
    expect(stdout).toContain('Refuses: serves registered torrents only: "torrent not registered"')
    expect(stdout).toMatch(new RegExp(`✗ ${dead} +No answer to the connect request`))
    expect(stderr).toMatch(/^1 of 3 alive, 1 rejected, 1 failed · /)
  })

  it('counts a refusal as alive with --alive-when response', async () => {
    const { code, stderr } = await check('--alive-when', 'response', await tracker({ announce: refusing('no') }))
    expect(code).toBe(0)
    expect(stderr).toMatch(/^1 of 1 alive · /)
  })

  it('skips loopback without --allow-private', async () => {
    const { code, stdout, stderr } = await run(['check', await tracker()])
    expect(code).toBe(1)
    expect(stdout).toContain('Has a private address, which is not probed')
    expect(stderr).toMatch(/^0 of 1 alive, 1 skipped · .*\n--allow-private checks private and local addresses too\n$/)
  })

  it('announces the info hash that it is given', async () => {
    const seen: string[] = []
    const url = await tracker({
      announce: (transactionId, packet) => {
        seen.push(packet.subarray(16, 36).toString('hex'))
        return announced()(transactionId, packet)
      },
    })
    await check('--info-hash', 'AB'.repeat(20), url)
    expect(seen[0]).toBe('ab'.repeat(20))
  })
})

describe('the flags of policy', () => {
  it('name us and add headers over HTTP', async () => {
    const web = await startHttpTracker((_, response) => response.end(goodAnswer()))
    onTestFinished(web.stop)
    await check('--user-agent', 'Client/1', '--header', 'X-One: a: b', '--header', 'Cookie: c=d', web.url)
    expect(web.requests[0]?.headers).toMatchObject({ 'user-agent': 'Client/1', 'x-one': 'a: b', cookie: 'c=d' })
  })

  it('report a redirect instead of following it', async () => {
    const there = 'http://t.example/0123456789abcdef/announce'
    const web = await startHttpTracker((_, response) => response.writeHead(301, { Location: there }).end())
    onTestFinished(web.stop)
    const { code, stdout } = await check('--redirects', 'report', web.url)
    expect(code).toBe(1)
    expect(stdout).toContain(
      'Redirects to another place, which was not followed (HTTP 301 redirect to http://t.example/***/announce)',
    )
  })
})

describe('check --json', () => {
  it('prints the whole contract for a tracker that answers', async () => {
    const url = await tracker({ announce: announced({ peers: compactPeers('192.0.2.1:6881', '192.0.2.2:80') }) })
    const { code, stdout, stderr } = await check('--json', url)
    expect(code).toBe(0)
    expect(stderr).toBe('')
    expect(stdout.endsWith('\n')).toBe(true)
    const latencyMs = expect.any(Number)
    expect(JSON.parse(stdout)).toStrictEqual({
      url,
      alive: true,
      outcome: 'ok',
      reason: null,
      code: null,
      message: null,
      latencyMs,
      checkedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      flags: ['fake_peers'],
      probes: [
        {
          family: 4,
          address: '127.0.0.1',
          outcome: 'ok',
          reason: null,
          code: null,
          phase: null,
          message: null,
          latencyMs,
          attempts: 1,
          phases: { udp_connect: latencyMs, udp_announce: latencyMs },
          flags: ['fake_peers'],
          interval: 1800,
          minInterval: null,
          seeders: 0,
          leechers: 1,
          peers: 2,
        },
      ],
    })
  })

  it('names reason, code and phase of a failure, and leaves out phases that did not happen', async () => {
    const { code, stdout } = await check('--timeout', '300ms', '--json', await tracker({ connect: silent }))
    expect(code).toBe(1)
    const result = JSON.parse(stdout)
    expect(result).toMatchObject({ alive: false, outcome: 'failed', reason: 'timeout', code: 'udp.timeout' })
    expect(result.latencyMs).toBeNull()
    expect(result.probes[0]).toMatchObject({ phase: 'udp_connect', phases: {}, interval: null, peers: null })
    expect(result.probes[0].attempts).toBeGreaterThan(1)
  })

  it('prints the URL as given, and a tracker once however it is spelled', async () => {
    const url = (await tracker()).replace('udp:', 'UDP:')
    const { stdout } = await check('--json', url, url, url.toLowerCase())
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).url)).toEqual([url])
  })

  it('escapes what a terminal would obey', async () => {
    const { stdout } = await check('--json', 'udp://evil\u009b31m\u202e')
    expect(stdout).toContain('\\u009b31m\\u202e')
    expect(JSON.parse(stdout).url).toBe('udp://evil\u009b31m\u202e')
  })
})

describe('check --alive', () => {
  it('prints the alive URLs alone, as given, in the order given', async () => {
    const [first, dead, last] = [await tracker(), await tracker({ announce: silent }), await tracker()]
    const given = [last.replace('udp:', 'UDP:'), dead, first]
    const { code, stdout, stderr } = await check('--timeout', '1s', '--alive', ...given)
    expect(code).toBe(1)
    expect(stdout).toBe(`${given[0]}\n${first}\n`)
    expect(stderr).toMatch(/^2 of 3 alive, 1 failed · /)
  })

  it('does not go with --json', async () => {
    const { code, stderr } = await check('--alive', '--json', 'udp://t.example:1')
    expect(code).toBe(2)
    expect(stderr).toBe('trackerwatch: --json and --alive exclude each other, expected one of them\n')
  })
})

describe('check -f', () => {
  it('reports a bad line with its place, checks the others, and ends with 2', async () => {
    const file = join(directory(), 'list.txt')
    const url = await tracker()
    writeFileSync(file, `\ufeff# mine\r\n${url} ; good\r\n\r\n  udp://no-port.example\r\n`)
    const { code, stdout, stderr } = await check('--json', '-f', file)
    expect(code).toBe(2)
    expect(stderr).toBe(`${file}:4:3: "udp://no-port.example": udp URL without a port, expected udp://host:port\n`)
    const [bad, good] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(bad).toMatchObject({ url: 'udp://no-port.example', alive: false, outcome: 'skipped', reason: 'invalid_url' })
    expect(bad).toMatchObject({ code: 'url.missing_port', probes: [] })
    expect(good).toMatchObject({ url, alive: true })
  })

  it('reports a bad argument by its number', async () => {
    const { code, stderr } = await check(await tracker(), 'ftp://t.example/')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^argument 2: "ftp:\/\/t\.example\/": scheme "ftp", expected one of udp, /)
  })

  it('reads stdin for "-"', async () => {
    const url = await tracker()
    const { code, stdout } = await run(['check', ...LOCAL, '--alive', '-f', '-'], { stdin: `${url}\n${url}\n` })
    expect(code).toBe(0)
    expect(stdout).toBe(`${url}\n`)
  })

  it('reads a list on the web', async () => {
    const url = await tracker()
    const web = await startHttpTracker((_, response) => response.end(`${url}\n`))
    onTestFinished(web.stop)
    const { code, stdout } = await check('--alive', '-f', web.url)
    expect(code).toBe(0)
    expect(stdout).toBe(`${url}\n`)
  })

  it('takes several files and arguments together', async () => {
    const folder = directory()
    const urls = [await tracker(), await tracker(), await tracker()]
    const files = urls.slice(1).map((url, index) => {
      const file = join(folder, `${index}.txt`)
      writeFileSync(file, url)
      return file
    })
    const { stdout } = await check('--alive', ...files.flatMap((file) => ['-f', file]), ...urls.slice(0, 1))
    expect(stdout).toBe(urls.map((url) => `${url}\n`).join(''))
  })

  it.each([
    ['is missing', null, ': no such file, expected a file, "-" or an http(s) URL'],
    ['holds no URL', '# nothing\n', ': no announce URL in it'],
    ['is a web page', '<!doctype html><p>hello', ': an HTML or XML page, expected plain text'],
  ])('refuses a list that %s, in one sentence', async (_, content, sentence) => {
    const file = join(directory(), 'list.txt')
    if (content !== null) writeFileSync(file, content)
    const { code, stdout, stderr } = await check('-f', file)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(`trackerwatch: ${file}${sentence}`)
    expect(stderr.split('\n')).toHaveLength(2)
  })
})

describe('lines for people', () => {
  it('mask passkeys, which JSON and --alive do not', async () => {
    const url = `${await tracker()}?passkey=0123456789abcdef0123`
    const human = await check(url)
    expect(human.stdout).toContain('?passkey=***')
    expect(human.stdout + human.stderr).not.toContain('0123456789abcdef0123')
    expect((await check('--alive', url)).stdout).toBe(`${url}\n`)
    expect(JSON.parse((await check('--json', url)).stdout).url).toBe(url)
  })

  it('never carry control characters', async () => {
    const { stdout, stderr } = await check(
      await tracker({ announce: refusing('\x1b[2Jgone\u009b\r\n') }),
      'udp://bad\x1b[31m\u202e',
    )
    expect(stdout.replaceAll('\n', '') + stderr.replaceAll('\n', '')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/)
  })

  it('are coloured on a terminal', async () => {
    const { stdout } = await run(['check', ...LOCAL, await tracker()], { tty: true })
    expect(stdout).toContain('\x1b[32m✓\x1b[39m')
  })

  it('are not coloured where NO_COLOR is set', async () => {
    const { stdout } = await run(['check', ...LOCAL, await tracker()], { tty: true, env: { NO_COLOR: '1' } })
    expect(stdout).not.toContain('\x1b')
  })
})

describe('the progress bar', () => {
  const tenUrls = () => Promise.all(Array.from({ length: 10 }, () => tracker()))

  it('counts on a terminal, and clears its line before each result', async () => {
    const { stderr, stdout } = await run(['check', ...LOCAL, ...(await tenUrls())], { tty: true })
    expect(stderr).toContain('10/10')
    expect(stderr.split('\r\x1b[K')).toHaveLength(11)
    expect(stdout).not.toContain('/10')
  })

  it('goes back to the start of its own line at the end, not to where it began', async () => {
    const { stderr } = await run(['check', ...LOCAL, ...(await tenUrls())], { tty: true })
    expect(stderr.lastIndexOf('\r\x1b7')).toBeGreaterThan(stderr.indexOf('10/10'))
  })

  it.each([
    ['off a terminal', false, []],
    ['with --no-progress', true, ['--no-progress']],
  ])('does not show %s', async (_, tty, flags) => {
    const { stderr } = await run(['check', ...LOCAL, ...flags, ...(await tenUrls())], { tty })
    expect(stderr).toMatch(/^10 of 10 alive · \d+\.\d s\n$/)
  })
})
