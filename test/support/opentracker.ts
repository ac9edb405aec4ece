import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closedTcpPort } from './http-tracker.js'

/** Debian's opentracker on loopback, for the info hashes on its whitelist. */
export interface Opentracker {
  readonly udp: string
  readonly http: string
  readonly stop: () => Promise<void>
}

/**
 * Port 0 would be its default, so a port that was free a moment ago has to do; if somebody else took it, opentracker
 * ends and another one is tried.
 */
export async function startOpentracker(infoHashes: readonly string[], tries = 5): Promise<Opentracker> {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-opentracker-'))
  // Started by root it goes on as nobody.
  chmodSync(folder, 0o777)
  writeFileSync(join(folder, 'white.txt'), infoHashes.map((infoHash) => `${infoHash}\n`).join(''), { mode: 0o644 })
  const port = String(await closedTcpPort())
  const args = ['-i', '127.0.0.1', '-p', port, '-P', port, '-d', folder, '-w', 'white.txt']
  const child = spawn('opentracker', args, { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill()
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  if (await isListening(Number(port), () => child.exitCode !== null)) {
    return { udp: `udp://127.0.0.1:${port}/announce`, http: `http://127.0.0.1:${port}/announce`, stop }
  }
  await stop()
  if (tries === 1) throw new Error('opentracker does not start')
  return startOpentracker(infoHashes, tries - 1)
}

/** It says nothing when it is ready, so it is asked until it takes a connection. */
async function isListening(port: number, hasEnded: () => boolean): Promise<boolean> {
  while (!hasEnded()) {
    const socket = connect(port, '127.0.0.1')
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (connected) return true
    await new Promise(setImmediate)
  }
  return false
}
