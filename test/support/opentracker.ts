import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closedTcpPort } from './http-tracker.js'

const ASKED_FOR = 'ee'.repeat(20)

/** Debian's opentracker on loopback, for the info hashes on its whitelist. */
export interface Opentracker {
  readonly udp: string
  readonly http: string
  readonly stop: () => Promise<void>
}

/** Whether the opentracker that is installed knows IPv6: it is built for one family, and ends at once where told another. */
export function opentrackerKnowsIpv6(): boolean {
  const args = ['-i', '::1', '-p', '0', '-d', tmpdir()]
  const { stdout, stderr } = spawnSync('opentracker', args, { encoding: 'utf8', timeout: 500 })
  return !/v4 only/i.test(stdout + stderr)
}

/**
 * Port 0 would be its default, so a port that was free a moment ago has to do; if somebody else took it, opentracker
 * ends and another one is tried.
 */
export async function startOpentracker(
  infoHashes: readonly string[],
  { host = '127.0.0.1', tries = 5 } = {},
): Promise<Opentracker> {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-opentracker-'))
  // Started by root it goes on as nobody.
  chmodSync(folder, 0o777)
  const listed = [...infoHashes, ASKED_FOR]
  writeFileSync(join(folder, 'white.txt'), listed.map((infoHash) => `${infoHash}\n`).join(''), { mode: 0o644 })
  const port = String(await closedTcpPort())
  const args = ['-i', host, '-p', port, '-P', port, '-d', folder, '-w', 'white.txt']
  const child = spawn('opentracker', args, { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill()
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  if (await isListening(Number(port), host, () => child.exitCode !== null)) {
    const place = `${host.includes(':') ? `[${host}]` : host}:${port}/announce`
    await untilListed(`http://${place}`)
    return { udp: `udp://${place}`, http: `http://${place}`, stop }
  }
  await stop()
  if (tries === 1) throw new Error('opentracker does not start')
  return startOpentracker(infoHashes, { host, tries: tries - 1 })
}

/**
 * It reads its whitelist some time after it has begun to listen. Asked for is a torrent of its own, and not with `stopped`,
 * which is answered for one that is not listed too.
 */
async function untilListed(url: string): Promise<void> {
  const infoHash = ASKED_FOR.replace(/../g, '%$&')
  const query = `info_hash=${infoHash}&peer_id=-TT0001-whoisalready&port=7000&uploaded=0&downloaded=0&left=1&compact=1`
  for (let body = 'failure'; body.includes('failure'); ) body = await (await fetch(`${url}?${query}`)).text()
}

/** It says nothing when it is ready, so it is asked until it takes a connection. */
async function isListening(port: number, host: string, hasEnded: () => boolean): Promise<boolean> {
  while (!hasEnded()) {
    const socket = connect(port, host)
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
