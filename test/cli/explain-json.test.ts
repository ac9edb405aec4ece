import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { announced } from '../support/udp-tracker.js'
import { INFO_HASH } from './explain-run.js'
import { directory, run, tracker } from './support.js'

const EXPLAIN = ['check', '--explain', '--allow-private', '--timeout', '5s', '--info-hash', INFO_HASH]

describe('check --explain --json', () => {
  it('prints one object: the events in the order of time, the rule that decided, and the result', async () => {
    const url = await tracker({ announce: announced({ interval: 10 }) })
    const [explained, checked] = await Promise.all([
      run([...EXPLAIN, '--json', url]),
      run(['check', '--json', '--allow-private', '--info-hash', INFO_HASH, url]),
    ])
    expect(explained).toMatchObject({ code: 0, stderr: '' })
    expect(explained.stdout.trimEnd().split('\n')).toHaveLength(1)
    const { events, verdict, result, ...rest } = JSON.parse(explained.stdout)
    expect(rest).toEqual({ url, eventsLeftOut: 0 })
    expect(Object.keys(result)).toEqual(Object.keys(JSON.parse(checked.stdout)))
    expect(result).toMatchObject({ url, alive: true, outcome: 'ok', flags: ['interval_low'] })
    const latencyMs = expect.any(Number)
    expect(verdict).toEqual({
      outcome: 'ok',
      reason: null,
      code: null,
      means: null,
      message: null,
      families: [{ family: 4, words: 'ok', addresses: [{ address: '127.0.0.1', words: 'ok', latencyMs }] }],
      merge: 'IPv4 alone was checked, so it decides',
      flags: [{ flag: 'interval_low', degrades: true, means: 'Asks for very frequent announces' }],
      status: 'degraded',
      alive: true,
      aliveWhen: 'announce',
      policy: 'it serves the announce (alive_when: announce)',
      latencyMs,
      retryAfterS: null,
    })
    const times = events.map(({ atMs }: { atMs: number }) => atMs)
    expect(times).toEqual(times.toSorted((a: number, b: number) => a - b))
    expect(events[3]).toEqual({
      atMs: expect.any(Number),
      event: 'datagram_sent',
      family: 4,
      address: '127.0.0.1',
      direction: 'sent',
      title: 'announce request, 98 bytes',
      note: null,
      fields: expect.arrayContaining([
        { name: 'info hash', value: INFO_HASH },
        { name: 'left', value: 1000, unit: 'bytes' },
        { name: 'ip', value: '0.0.0.0', note: 'that of the packet' },
      ]),
    })
    expect(new Set(events.map((event: object) => Object.keys(event).join()))).toEqual(
      new Set(['atMs,event,family,address,direction,title,note,fields']),
    )
  })

  it('has every field of what is sent again, which the text leaves out', async () => {
    const url = await tracker({ connect: () => [] })
    const { code, stdout } = await run([...EXPLAIN, '--json', url, '--timeout', '1500ms'])
    expect(code).toBe(1)
    const { events, verdict } = JSON.parse(stdout)
    const sent = events.filter(({ event }: { event: string }) => event === 'datagram_sent')
    expect(sent).toHaveLength(3)
    for (const { fields } of sent) expect(fields).toHaveLength(2)
    expect(verdict).toMatchObject({ outcome: 'failed', reason: 'timeout', code: 'udp.timeout', alive: false })
  })
})

describe('check --explain', () => {
  const usage = (...args: readonly string[]) => run(['check', '--explain', ...args])
  const one = 'udp://192.0.2.1:1/announce'

  it('wants exactly one tracker', async () => {
    expect(await usage(one, 'udp://192.0.2.1:2/announce')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'trackerwatch: --explain is given 2 trackers, expected exactly one\n',
    })
    expect(await usage()).toMatchObject({ code: 2, stdout: '' })
    expect(await usage('ftp://x/')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^trackerwatch: argument 1: "ftp:\/\/x\/": scheme "ftp", expected one of udp/),
    })
    expect(await usage('udp://x', one)).toMatchObject({ code: 2, stdout: '' })
  })

  it('does not go with --alive', async () => {
    expect(await usage('--alive', one)).toMatchObject({
      code: 2,
      stderr: 'trackerwatch: --explain and --alive exclude each other, expected one of them\n',
    })
  })

  it('takes the one tracker of a list, and says what is decided by the name alone', async () => {
    const list = join(directory(), 'list.txt')
    writeFileSync(list, '# one\nhttp://tracker.i2p/announce\n')
    const { code, stdout } = await usage('-f', list)
    expect(code).toBe(1)
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'http://tracker.i2p:80/announce',
      '',
      'Verdict: none, the check was skipped',
      '  outcome  skipped · overlay_network · net.overlay_i2p',
    ])
    expect(stdout).toContain('decided by the name alone: nothing was asked, nothing was sent')
    expect(stdout).toContain('as unsupported')
  })
})
