import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { closedTcpPort } from '../support/http-tracker.js'

/** Transmission's daemon on loopback, which asks nobody but trackers. */
export interface Transmission {
  /** Its address of RPC. */
  readonly rpc: string
  /** A call and its arguments → what it answers, which has to be a success. */
  readonly call: (method: string, args: object) => Promise<Readonly<Record<string, unknown>>>
}

/** The major version that is installed; 0 for none. */
export function transmissionVersion(): number {
  const { stdout, stderr, error } = spawnSync('transmission-daemon', ['--version'], { encoding: 'utf8' })
  return error === undefined ? Number(/transmission-daemon (\d+)\./.exec(stdout + stderr)?.[1] ?? 0) : 0
}

const quiet = {
  'dht-enabled': false,
  'lpd-enabled': false,
  'pex-enabled': false,
  'utp-enabled': false,
  'port-forwarding-enabled': false,
  'peer-port-random-on-start': true,
  'bind-address-ipv4': '127.0.0.1',
  'bind-address-ipv6': '::1',
  'rpc-bind-address': '127.0.0.1',
  'rpc-whitelist-enabled': false,
  'rpc-authentication-required': false,
}

/** It ends with the test. The port was free a moment ago; who has taken it since, answers no RPC. */
export async function startTransmission(folder: string): Promise<Transmission> {
  const port = await closedTcpPort()
  const configDir = join(folder, 'transmission')
  mkdirSync(configDir)
  const settings = { ...quiet, 'rpc-port': port, 'download-dir': join(folder, 'downloads') }
  writeFileSync(join(configDir, 'settings.json'), JSON.stringify(settings))
  const child = spawn('transmission-daemon', ['--foreground', '--config-dir', configDir], { stdio: 'ignore' })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const rpc = `http://127.0.0.1:${port}/transmission/rpc`
  const session = await sessionOf(rpc, () => child.exitCode !== null)
  return {
    rpc,
    call: async (method, args) => {
      const headers = { 'X-Transmission-Session-Id': session }
      const answer = await fetch(rpc, { method: 'POST', headers, body: JSON.stringify({ method, arguments: args }) })
      const said: { result: string; arguments: Readonly<Record<string, unknown>> } = JSON.parse(await answer.text())
      if (said.result !== 'success') throw new Error(`${method} of Transmission: ${said.result}`)
      return said.arguments
    },
  }
}

async function sessionOf(rpc: string, hasEnded: () => boolean): Promise<string> {
  for (;;) {
    const answer = await fetch(rpc).catch(() => null)
    const session = answer?.headers.get('X-Transmission-Session-Id') ?? null
    if (session !== null) return session
    if (hasEnded()) throw new Error('Transmission has ended')
    await delay(50)
  }
}
