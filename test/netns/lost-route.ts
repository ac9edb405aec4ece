/** Inside the namespace: a daemon whose trackers lie beyond a route that goes and comes back. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type LogLine, watchDaemon } from './daemon.js'

export interface LostRouteTask {
  readonly configFile: string
  /** Where the trackers of the configuration are, all on one port. */
  readonly hosts: readonly string[]
  readonly port: number
  /** Shell commands. */
  readonly cut: string
  readonly mend: string
}
export interface LostRouteReport {
  readonly log: readonly LogLine[]
  /** Metrics while there was no route, and when there was one again. */
  readonly blind: string
  readonly after: string
}

const task: LostRouteTask = JSON.parse(process.argv[2] ?? '')
const shell = (command: string): void => void execFileSync('sh', ['-ec', command])

/** Another namespace with the trackers, at the other end of a cable. */
async function startFarSide(): Promise<() => void> {
  const script = fileURLToPath(new URL('far.ts', import.meta.url))
  const node = [process.execPath, '--import', 'tsx', script, String(task.port), ...task.hosts]
  const far = spawn('unshare', ['-n', ...node], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(far.stdout, 'data')
  const inFar = `nsenter --net=/proc/${far.pid}/ns/net`
  shell(`ip link add near type veth peer name far netns ${far.pid}
    ${inFar} ip addr add 10.77.0.2/24 dev far
    ${inFar} ip link set far up
    ip addr add 10.77.0.1/24 dev near
    ip link set near up
    ip route add default via 10.77.0.2`)
  return () => void far.stdin.end()
}

const stopFarSide = await startFarSide()
const daemon = await watchDaemon(task.configFile)
const roundEnd = () => daemon.logged(({ msg, checked }) => msg === 'round ended' && checked === task.hosts.length)
await roundEnd()
const lost = daemon.logged(({ msg }) => msg === 'uplink is down')
shell(task.cut)
await lost
await roundEnd()
const blind = await daemon.metrics()
const found = daemon.logged(({ msg }) => msg === 'uplink is up')
shell(task.mend)
await found
await roundEnd()
const after = await daemon.metrics()
await daemon.stop()
stopFarSide()
process.stdout.write(JSON.stringify({ log: daemon.log, blind, after } satisfies LostRouteReport))
