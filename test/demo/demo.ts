/**
 * `npm run demo`: reference trackers on loopback and a daemon that checks them every ten seconds. Needs no internet,
 * leaves nothing behind.
 */
import { type Demo, startDemo } from './start.js'

const asked = untilAskedToStop()
const demo = await startDemo()
introduce(demo)
demo.daemon.showLog()
await Promise.race([asked, demo.daemon.ended])
process.exitCode = (await demo.stop()) ?? 1

function introduce({ daemon: { url }, trackers, folder }: Demo): void {
  const width = Math.max(...trackers.map((tracker) => tracker.url.length))
  const rows = trackers.map((tracker) => `  ${tracker.url.padEnd(width)}  ${tracker.pretends}`)
  process.stdout.write(`
trackerwatch checks ${trackers.length} reference trackers on this machine, every ten seconds. Ctrl-C ends it.

  page     ${url}/
  metrics  ${url}/metrics
  lists    ${url}/lists/
  folder   ${folder}  (the commands of README.md work there as they stand)

${rows.join('\n')}

What follows is the daemon's log.

`)
}

/** Ctrl-C may reach us twice, from the terminal and by npm: the second time changes nothing. */
function untilAskedToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve())
  })
}
