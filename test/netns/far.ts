/** In a namespace of its own: trackers at the addresses given. Ends with its stdin. */
import { execFileSync } from 'node:child_process'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'

const [, , port = '', ...hosts] = process.argv
execFileSync('ip', ['link', 'set', 'lo', 'up'])
for (const host of hosts) {
  execFileSync('ip', ['addr', 'add', `${host}/32`, 'dev', 'lo'])
  await startUdpTracker(goodTracker, { host, port: Number(port) })
}
process.stdout.write('ready')
process.stdin.resume().once('end', () => process.exit(0))
