import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { main } from '../../src/cli/main.js'
import { openStore } from '../../src/store/open.js'
import type { CheckTransferRow } from '../../src/store/transfer.js'
import { directory, finished, run, start } from './support.js'
import { url, watchedStore } from './watched-store.js'

/** Twenty days ago. */
const recentMs = Math.floor(Date.now() / 1000) * 1000 - 20 * 86_400_000

const kinds = ['checks', 'hours', 'days', 'events'] as const
const letters = { t: `${'+'.repeat(200)}---r--${'s'.repeat(30)}${'+'.repeat(90)}`, 'o-o': '+-'.repeat(150), never: '' }

const checkRow = {
  ...{ type: 'check', url: url('a'), checkedAt: '2026-01-01T00:00:00.000Z', family: 4, outcome: 'ok', reason: null },
  ...{ code: null, message: null, flags: [], latencyMs: 1.5, attempts: 1, packetsSent: 2, packetsLost: 0 },
  decisive: true,
}
const addressRow = {
  ...{ type: 'address', url: url('a'), address: '192.0.2.7', family: 4 },
  ...{ firstSeen: '2026-01-01T00:00:00.000Z', lastSeen: '2026-01-01T00:00:00.000Z' },
}
const hourRow = {
  ...{ type: 'hour', url: url('a'), from: '2026-01-01T00:00:00.000Z', ok: 6, rejected: 0, failed: 0, skipped: 0 },
  ...{ reasons: {}, packetsSent: 12, packetsLost: 0, observedMs: 3_600_000, aliveMs: 3_600_000, skippedMs: 0 },
  ...{ p50Ms: 1.5, p95Ms: 1.5, p99Ms: 1.5, latencies: [[1.5, 6]] },
}
const aliasRow = { type: 'alias', url: url('a'), alias: url('b') }

/** One file per kind. */
async function exported(store: string, folder: string, format: string, until: string): Promise<readonly string[]> {
  const files = kinds.map((kind) => join(folder, `${kind}.${format}`))
  for (const [index, kind] of kinds.entries()) {
    const out = files[index] ?? ''
    const { code, stderr } = await run([
      ...['db', 'export', kind, '--store', store],
      ...['--format', format, '--out', out, '--until', until],
    ])
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(new RegExp(`: \\d+ rows? of ${kind}\n$`)),
    })
  }
  return files
}

describe('db export and db import', () => {
  it.each(['json', 'csv'])('move a history to another database, byte by byte, as %s', async (format) => {
    const { store, folder } = await watchedStore(letters)
    const opened = await openStore(store)
    await opened.import([{ type: 'alias', url: url('t'), alias: url('former') }], new Date())
    await opened.close()
    const until = new Date().toISOString()
    const files = await exported(store, folder, format, until)
    const other = `sqlite:${join(directory(), 'other.db')}`
    const first = await run(['db', 'import', ...files.toReversed(), '--store', other])
    expect(first.stderr).toBe('')
    expect(first.code).toBe(0)
    const again = await exported(other, directory(), format, until)
    for (const [index, file] of files.entries()) {
      expect(readFileSync(again[index] ?? '', 'utf8')).toBe(readFileSync(file, 'utf8'))
    }
    expect(statSync(files[0] ?? '').size).toBeGreaterThan(20_000)
    const figures = async (from: string) => {
      const found = JSON.parse((await run(['history', url('t'), '--since', '30d', '--json', '--store', from])).stdout)
      return [found.changes, found.failures, found.window.checks, found.window.latency, found.lastOkAt]
    }
    expect(await figures(other)).toEqual(await figures(store))
    const events = readFileSync(files[3] ?? '', 'utf8')
    for (const told of [url('former'), '192.0.2.7']) expect(events).toContain(told)
    expect((await run(['history', url('former'), '--store', other])).code).toBe(0)
    const second = await run(['db', 'import', ...files, '--store', other])
    expect(second.stdout.match(/\d+ new/g)).toEqual(['0 new', '0 new', '0 new', '0 new'])
    expect((await run(['db', 'verify', '--store', other])).code).toBe(0)
  })

  it('take what strangers have sent: quotes, line ends, formulas, text of the terminal', async () => {
    const folder = directory()
    const store = `sqlite:${join(folder, 'a.db')}`
    const opened = await openStore(store)
    const said = [
      'say "no", please',
      'two\r\nlines\nand more',
      '=1+1',
      "'=1+1",
      "'tis",
      '-1',
      '@x\r\n=2',
      'a,b',
      '"',
      '\u001b[31mred\u202e',
      '100 %',
      'null',
      '7',
    ]
    await opened.import(
      said.map((message, index) => refused(index, message)),
      new Date(),
    )
    await opened.close()
    for (const format of ['json', 'csv']) {
      const out = join(folder, `checks.${format}`)
      await run(['db', 'export', 'checks', '--store', store, '--format', format, '--out', out])
      const other = `sqlite:${join(directory(), 'b.db')}`
      expect((await run(['db', 'import', out, '--store', other])).stderr).toBe('')
      const copy = await openStore(other, { readOnly: true })
      const rows = await copy.checks(url('a'), { from: new Date(0), to: new Date() }, 99)
      await copy.close()
      expect(rows.map(({ message }) => message).toReversed()).toEqual(said)
    }
    expect(readFileSync(join(folder, 'checks.csv'), 'utf8')).not.toMatch(/[,"][=+@-]/)
    const { stdout } = await run(['db', 'export', 'checks', '--store', store])
    expect(stdout).not.toMatch(/[\u001b\u202e]/)
  })

  it('export the trackers and the time asked for', async () => {
    const { store } = await watchedStore(letters)
    const { stdout } = await run(['db', 'export', 'checks', '--store', store, '--url', 'UDP://T.example:6969/announce'])
    expect(
      new Set(
        stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).url),
      ),
    ).toEqual(new Set([url('t')]))
    const none = await run([
      'db',
      'export',
      'checks',
      '--store',
      store,
      '--since',
      '2020-01-01',
      '--until',
      '2020-01-02T10:00Z',
    ])
    expect(none).toMatchObject({ code: 0, stdout: '', stderr: '' })
    const hour = await run(['db', 'export', 'checks', '--store', store, '--url', url('t'), '--since', '1h'])
    const [first = ''] = hour.stdout.split('\n')
    expect(new Date(JSON.parse(first).checkedAt).getUTCMinutes()).toBe(0)
  })

  it.each([
    [['db', 'export', 'all'], 'kind "all", expected one of checks, hours, days, events'],
    [['db', 'export', 'checks', '--format', 'xml'], '--format is "xml", expected one of json, csv'],
    [
      ['db', 'export', 'checks', '--since', 'ever'],
      '--since is "ever", expected a duration such as 250ms, 30s, 5m, 1h30m or 30d, or a date such as 2026-11-22',
    ],
    ...['2026-02-30', '2026-11-22T24:00:00Z'].map((when): [string[], string] => [
      ['db', 'export', 'checks', '--until', when],
      `--until is "${when}", expected a duration such as 250ms, 30s, 5m, 1h30m or 30d, or a date such as 2026-11-22`,
    ]),
    [
      ['db', 'export', 'checks', '--until', '1960-01-01'],
      '--until is 1960-01-01T00:00:00.000Z, expected a moment after 1970-01-01T00:00:00.000Z',
    ],
    [['db', 'import', 'nowhere.csv'], 'nowhere.csv: no such file'],
    [['db', 'import', '.'], '.: is a directory, expected a file'],
    [
      ['db', 'export', 'checks', '--since', '2026-01-02', '--until', '2026-01-01'],
      '--since is 2026-01-02T00:00:00.000Z, expected a moment before --until, 2026-01-01T00:00:00.000Z',
    ],
  ])('%j is not right', async (args, sentence) => {
    expect(await run(args)).toEqual({ code: 2, stdout: '', stderr: `trackerwatch: ${sentence}\n` })
  })

  it.each<[what: string, text: string, sentence: string]>([
    ['no JSON', '{"type":"check"\n', ':1: no JSON ('],
    [
      'another object',
      '{"a":1}\n',
      ':1: type is missing, expected one of tracker, alias, address, change, gap, check, hour',
    ],
    [
      'no export at all',
      'udp://t.example:1/announce\n',
      ':1: "udp://t.example:1/announce", expected JSON or a CSV header',
    ],
    [
      'a value of another kind',
      line(checkRow, { latencyMs: -3 }),
      ':2: latencyMs is -3, expected ms, 0 or more, or nothing',
    ],
    [
      'a word of another time',
      line(checkRow, { outcome: 'fine' }),
      ':2: outcome is "fine", expected one of ok, rejected, failed, skipped',
    ],
    [
      'a reason that does not belong',
      line(checkRow, { reason: 'dns' }),
      ':2: reason is "dns" of a check that was ok, expected nothing',
    ],
    [
      'a moment without a zone',
      line(checkRow, { checkedAt: '2026-11-22 10:00' }),
      ':2: checkedAt is "2026-11-22 10:00", expected a moment such as',
    ],
    [
      'another spelling of a URL',
      line(checkRow, { url: 'UDP://a.example:1' }),
      ':2: url is "UDP://a.example:1", expected a canonical announce URL',
    ],
    [
      'a value too many',
      line(checkRow, { colour: 'red' }),
      ':2: "colour" is no part of a check, expected url, checkedAt',
    ],
    ['a hole', line(checkRow, { family: undefined }), ':2: family is missing, expected 4 or 6, or nothing'],
    ['a row that is cut off', line(checkRow, {}).slice(0, -20), ':2: no JSON ('],
    [
      'an address that is none',
      line(addressRow, { address: 'tracker.example' }),
      ':2: address is "tracker.example", expected an IP address',
    ],
    ['an address of another family', line(addressRow, { family: 6 }), ':2: family is 6 of 192.0.2.7, expected 4'],
    [
      'an address seen for the last time before the first',
      line(addressRow, { lastSeen: '2025-12-31T23:59:59.999Z' }),
      ':2: lastSeen is before firstSeen, expected',
    ],
    ['a tracker that is its own former URL', line(aliasRow, { alias: url('a') }), ':2: alias is the url itself'],
    [
      'a former URL that is none',
      line(aliasRow, { alias: 'a.example' }),
      ':2: alias is "a.example", expected a canonical',
    ],
    ['CSV with a cell too few', 'type,url,from,to\r\ngap,udp://a.example:1/announce,x\r\n', ':2: 3 cells, expected 4'],
    [
      'CSV after JSON',
      `${JSON.stringify(checkRow)}\ntype,url,from,to\n`,
      ':2: "type,url,from,to", expected a JSON object',
    ],
    [
      'JSON after CSV, an odd quote in it',
      `type,url,from,to\n${JSON.stringify({ ...checkRow, message: '"' })}\n`,
      ':2: "{\\"type\\":\\"check\\"',
    ],
    [
      'sums by a reason of another time',
      line(hourRow, { reasons: { zap: 1 } }),
      ':2: reasons is {"zap":1}, expected counts by reason, each one of dns, unreachable, refused, timeout, ',
    ],
    ['a part of a ms', line(hourRow, { aliveMs: 0.5 }), ':2: aliveMs is 0.5, expected whole ms, 0 or more'],
    ['CSV with an open quote', 'type,url,from,to\r\ngap,"udp://a\r\n', ':2: a quote without its end, expected another'],
  ])('refuse %s by file and line, and write nothing', async (_, text, sentence) => {
    const folder = directory()
    const [good, bad] = [join(folder, 'good.json'), join(folder, 'bad.txt')]
    writeFileSync(good, line(checkRow, {}).split('\n')[0] ?? '')
    writeFileSync(bad, text)
    const file = join(folder, 'new.db')
    const { code, stdout, stderr } = await run(['db', 'import', good, bad, '--store', `sqlite:${file}`])
    expect(stderr.startsWith(`trackerwatch: ${bad}${sentence}`), stderr).toBe(true)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(existsSync(file)).toBe(false)
  })

  it('say that what begins in the future begins after now', async () => {
    const { stderr } = await run(['db', 'export', 'checks', '--since', '9999-01-01'])
    expect(stderr).toMatch(/^trackerwatch: --since is 9999-01-01T00:00:00\.000Z, expected a moment before now, 2\d{3}-/)
  })

  it.each([
    ['UTF-16', Buffer.from(`\ufeff${JSON.stringify(checkRow)}`, 'utf16le')],
    ['a compressed file', gzipSync(JSON.stringify(checkRow))],
  ])('refuse %s, and say what a file has to be', async (_, bytes) => {
    const folder = directory()
    const bad = join(folder, 'bad.json')
    writeFileSync(bad, bytes)
    const { code, stderr } = await run(['db', 'import', bad, '--store', `sqlite:${join(folder, 'new.db')}`])
    expect(stderr).toBe(
      `trackerwatch: ${bad}:1: no UTF-8 from here on, expected JSON or CSV in plain text, as "db export" writes it\n`,
    )
    expect(code).toBe(2)
  })

  it.each([
    ['json', `\n\r\n${JSON.stringify(checkRow)}\n \n${JSON.stringify({ ...checkRow, family: 6 })}\n\n`],
    [
      'csv',
      '\n\r\ntype,url,alias\r\n\r\nalias,udp://a.example:1/announce,udp://b.example:1/announce\n\t\nalias,udp://a.example:1/announce,udp://c.example:1/announce\n\n',
    ],
  ])('take no notice of blank lines in %s', async (format, text) => {
    const folder = directory()
    const file = join(folder, `some.${format}`)
    writeFileSync(file, text)
    expect(await run(['db', 'import', file, '--store', `sqlite:${join(folder, 'new.db')}`])).toEqual({
      code: 0,
      stdout: `${file}: 2 rows, 2 new\n`,
      stderr: '',
    })
  })

  it('refuse a quote that never ends at once, however many lines follow it', async () => {
    const folder = directory()
    const bad = join(folder, 'bad.csv')
    writeFileSync(bad, `type,url\n"${'a\n'.repeat(400_000)}`)
    const { code, stderr } = await run(['db', 'import', bad, '--store', `sqlite:${join(folder, 'new.db')}`])
    expect(stderr).toContain(`${bad}:2: a quote without its end, expected another`)
    expect(code).toBe(2)
  })

  it.each([
    ['hours', 3_600_000],
    ['days', 86_400_000],
  ])('export no %s that have not ended, however late an end is asked for', async (kind, lengthMs) => {
    const { store } = await watchedStore({ t: '+'.repeat(3000) })
    const { code, stdout } = await run(['db', 'export', kind, '--store', store, '--until', '9999-12-31'])
    expect(code).toBe(0)
    const ends = stdout
      .trimEnd()
      .split('\n')
      .map((line) => Date.parse(JSON.parse(line).from) + lengthMs)
    expect(ends.length).toBeGreaterThan(1)
    expect(Math.max(...ends)).toBeLessThanOrEqual(Date.now())
  })

  it('wait for whoever takes the rows', async () => {
    const { store } = await watchedStore({ t: '+'.repeat(8000) })
    let longest = 0
    let bytes = 0
    const stdout = new Writable({
      highWaterMark: 1024,
      write(chunk: Buffer, _, done) {
        longest = Math.max(longest, stdout.writableLength)
        bytes += chunk.length
        setImmediate(done)
      },
    })
    const args = ['db', 'export', 'checks', '--store', store]
    const isTTY = { stdout: false, stderr: false }
    const code = await main(args, { stdin: Readable.from([]), stdout, stderr: new PassThrough(), env: {}, isTTY })
    expect(code).toBe(0)
    expect(bytes).toBeGreaterThan(1_500_000)
    expect(longest).toBeLessThan(100_000)
  })

  it('take no more memory for many rows than for few', { timeout: 60_000 }, async () => {
    const folder = directory()
    const store = `sqlite:${join(folder, 'many.db')}`
    const opened = await openStore(store)
    const rows = 150_000
    for (let from = 0; from < rows; from += 5000) {
      await opened.import(
        Array.from({ length: 5000 }, (_, index) => refused(from + index, 'no')),
        new Date(),
      )
    }
    await opened.close()
    const nodeFlags = ['--max-old-space-size=24']
    const out = join(folder, 'many.json')
    const exporting = await finished(start(['db', 'export', 'checks', '--store', store, '--out', out], { nodeFlags }))
    expect(exporting).toMatchObject({ code: 0, stderr: `${out}: ${rows} rows of checks\n` })
    expect(statSync(out).size).toBeGreaterThan(30_000_000)
    const other = `sqlite:${join(folder, 'other.db')}`
    const importing = await finished(start(['db', 'import', out, '--store', other], { nodeFlags }))
    expect(importing).toMatchObject({ code: 0, stdout: `${out}: ${rows} rows, ${rows} new\n` })
  })
})

function refused(index: number, message: string): CheckTransferRow {
  return {
    ...{ type: 'check', url: url('a'), checkedAt: new Date(recentMs + index * 10_000), family: 4 },
    ...{ outcome: 'rejected', reason: null, code: 'other', message, flags: [], latencyMs: 20.125, attempts: 1 },
    ...{ packetsSent: 2, packetsLost: 0, decisive: true },
  }
}

/** A line that is right, and after it one with these values instead. */
function line(right: Readonly<Record<string, unknown>>, values: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(right)}\n${JSON.stringify({ ...right, ...values })}\n`
}
