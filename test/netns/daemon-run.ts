/** Inside the namespace: a daemon that watches trackers for a while, and its metrics then. */
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { watchDaemon } from './daemon.js'

export interface DaemonTask {
  readonly configFile: string
  /** Of trackers that the script runs at 127.0.0.1. */
  readonly ports: readonly number[]
  /** How many there are to be at least, rechecks included. */
  readonly checks: number
}

const { configFile, ports, checks }: DaemonTask = JSON.parse(process.argv[2] ?? '')
const trackers = await Promise.all(ports.map((port) => startUdpTracker(goodTracker, { port })))
const daemon = await watchDaemon(configFile)
for (let checked = 0; checked < checks; ) {
  const round = await daemon.logged(({ msg }) => msg === 'round ended')
  checked += Number(round.checked)
}
const metrics = await daemon.metrics()
await daemon.stop()
await Promise.all(trackers.map(({ stop }) => stop()))
process.stdout.write(JSON.stringify(metrics))
