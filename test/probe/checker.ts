import { checkTrackers } from '../../src/probe/check-trackers.js'
import type { CheckerReport, CheckerTask } from './child.js'

/** Checks in a process of its own: `checker.ts TASK`. With `--expose-gc` garbage is collected all the time. */
const [, , given = ''] = process.argv
const { urls, options, abortAfterMs }: CheckerTask = JSON.parse(given)
const idle = process.getActiveResourcesInfo()
const stopping = new AbortController()
const { gc } = globalThis
const collecting = gc === undefined ? undefined : setInterval(() => void gc(), 5)
const aborting = abortAfterMs === undefined ? undefined : setTimeout(() => stopping.abort('enough'), abortAfterMs)

let outcomes: CheckerReport['outcomes'] = []
let aborted = false
try {
  const results = await checkTrackers(urls, { ...options, signal: stopping.signal })
  outcomes = [...results].map(([url, { outcome, probes }]) => [
    url,
    outcome,
    probes[0]?.certificateExpiresAt?.toJSON() ?? null,
  ])
} catch (reason) {
  if (reason !== 'enough') throw reason
  aborted = true
}
clearInterval(collecting)
clearTimeout(aborting)
const report: CheckerReport = { outcomes, aborted, left: await leftInTheEnd() }
process.stdout.write(JSON.stringify(report))

/** A closed socket is gone only some turns of the event loop later, and taking leave of an HTTP tracker may take 2 s. */
async function leftInTheEnd(patienceMs = 4000): Promise<readonly string[]> {
  const until = performance.now() + patienceMs
  for (;;) {
    const left = process.getActiveResourcesInfo()
    if (left.length <= idle.length) return []
    if (performance.now() > until) return left
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
