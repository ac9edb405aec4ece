/** Starts the daemon on a history, as `trackerwatch run` does, and tells when it says that it is ready, and when it shows its page. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../dist/config/load.js'
import { startDaemon } from '../../dist/daemon/daemon.js'
import { createLog } from '../../dist/daemon/log.js'

export interface StartTask {
  readonly file: string
  readonly urls: readonly string[]
}

process.once('message', async ({ file, urls }: StartTask) => {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-start-'))
  const configFile = join(folder, 'trackerwatch.yaml')
  writeFileSync(configFile, JSON.stringify(configOf(folder, file, urls)))
  const { config } = await loadConfig(configFile, {})
  const log = createLog(config.log, process.stderr)
  const load = async () => (await loadConfig(configFile, {})).config
  const daemon = await startDaemon({ config, loadConfig: load, log, onCrash })
  await answer(`${daemon.url}/-/ready`)
  process.send?.('ready')
  await answer(`${daemon.url}/`)
  process.send?.('page')
  await daemon.stop()
  rmSync(folder, { recursive: true, force: true })
  process.disconnect?.()
})

async function answer(url: string): Promise<void> {
  const [response]: IncomingMessage[] = await once(get(url, { agent: false }), 'response')
  response?.resume()
  if (response?.statusCode !== 200) throw new Error(`${url} answered ${response?.statusCode}`)
}

function onCrash(error: unknown): never {
  throw error
}

/** No beat within the run (but at midnight), and trackers on loopback, to which nothing is sent unless that is allowed. */
function configOf(folder: string, file: string, urls: readonly string[]) {
  return {
    schedule: '0 0 * * *',
    listen: '127.0.0.1:0',
    log: { level: 'warn' },
    store: `sqlite:${file}`,
    groups: [{ name: 'public', trackers: urls }],
    lists: { directory: join(folder, 'lists') },
    sources: { directory: join(folder, 'sources') },
  }
}
