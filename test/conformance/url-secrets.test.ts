import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { toConfig } from '../../src/config/config.js'
import { settingsSchema } from '../../src/config/schema.js'
import { startDaemon } from '../../src/daemon/daemon.js'
import { createLog } from '../../src/daemon/log.js'
import { query } from '../../src/probe/query.js'
import { messageOf } from '../../src/tracker/outcome.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { run } from '../cli/support.js'
import { checkLocal } from '../support/check-local.js'
import { bencodeText } from '../support/encode.js'
import { startHttpTracker } from '../support/http-tracker.js'

const PASSKEY = '0123456789abcdef0123456789abcdef'
const PASSWORD = 'Tr0ub4dor'

/** A private tracker that repeats the passkey in everything it says, and its URL. */
async function startPrivateTracker(): Promise<string> {
  const tracker = await startHttpTracker((request, response) => {
    if (request.url?.startsWith('/broken')) response.writeHead(404).end(`nothing at ${request.url}`)
    else response.end(bencodeText({ 'failure reason': `passkey ${PASSKEY} is unknown`, interval: 60 }))
  })
  onTestFinished(tracker.stop)
  return `http://me:${PASSWORD}@127.0.0.1:${tracker.port}/${PASSKEY}/announce?passkey=${PASSKEY}`
}

/** Everything that a daemon shows of a tracker, by where: pages, metrics, API, list files, log. */
async function shownByDaemon(url: string): Promise<Readonly<Record<string, string>>> {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-secrets-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const lists = join(folder, 'lists')
  const settings = settingsSchema.parse({
    schedule: '0 0 1 1 *',
    round: { spread: '0s' },
    listen: '127.0.0.1:0',
    store: `sqlite:${join(folder, 'history.db')}`,
    probe: { allow_private: true },
    lists: { directory: lists },
    sources: { directory: join(folder, 'sources') },
    groups: [{ name: 'private', trackers: [url], alive_when: 'response' }],
  })
  const { tracker } = parseTracker(url)
  const config = toConfig(settings, [tracker === undefined ? [] : [tracker]])
  let log = ''
  let roundEnded = (): void => {}
  const ended = new Promise<void>((resolve) => {
    roundEnded = resolve
  })
  const write = (line: string): void => {
    log += line
    if (line.includes('round ended') && line.includes('"checked":1')) roundEnded()
  }
  const daemon = await startDaemon({
    config,
    loadConfig: async () => config,
    log: createLog({ level: 'debug', levels: {}, format: 'json' }, { write }),
    onCrash: (error) => {
      throw error
    },
  })
  try {
    await ended
    const home = await (await fetch(daemon.url)).text()
    const page = /\/tracker\/[0-9a-f]+/.exec(home)?.[0] ?? '/no-tracker'
    const paths = [
      page,
      '/metrics',
      '/api/all',
      '/api/0',
      '/lists/',
      '/lists/all.txt',
      '/lists/all.json',
      '/lists/all.csv',
    ]
    const bodies = await Promise.all(paths.map(async (path) => [path, await (await fetch(daemon.url + path)).text()]))
    return { '/': home, ...Object.fromEntries(bodies), ...(await filesBelow(lists, daemon.stop)), log }
  } finally {
    await daemon.stop()
  }
}

/** The list files, once all are written. */
async function filesBelow(folder: string, stop: () => Promise<unknown>): Promise<Readonly<Record<string, string>>> {
  await stop()
  const files = readdirSync(folder).map((name) => [`file ${name}`, readFileSync(join(folder, name), 'utf8')])
  return Object.fromEntries(files)
}

it('P027 a passkey or password of a URL is shown nowhere: not by a check, an error, the command line, or the daemon', async () => {
  const url = await startPrivateTracker()
  const broken = url.replace('/0123', '/broken/0123')
  const checked = await Promise.all([checkLocal(url), checkLocal(broken)])
  const asked = await query(broken, 'a'.repeat(40), '-XX0100-abcdefghijkl').catch((error: Error) => error)
  const line = await run(['check', '--allow-private', url, broken])
  const explained = await run(['check', '--allow-private', '--explain', url])
  const shown: Readonly<Record<string, string>> = {
    messages: checked.map(({ outcome }) => messageOf(outcome)).join('\n'),
    error: asked instanceof Error ? asked.message : 'no error',
    line: line.stdout + line.stderr,
    explained: explained.stdout + explained.stderr,
    ...(await shownByDaemon(url)),
  }
  const leaks = Object.entries(shown).filter(([, text]) => text.includes(PASSKEY) || text.includes(PASSWORD))
  expect(leaks).toEqual([])
  // All of them speak of this tracker, but for the lists, which it is on none of.
  const speaks = Object.entries(shown).filter(([, text]) => text.includes('***'))
  expect(speaks.map(([place]) => place.replace(/\/tracker\/.*/, '/tracker'))).toEqual(
    expect.arrayContaining(['messages', 'error', 'line', 'explained', '/', '/tracker', '/metrics', 'log']),
  )
})
