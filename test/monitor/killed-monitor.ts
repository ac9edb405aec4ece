import { openStore } from '../../src/store/open.js'
import { planOf, startWatching, untilAborted } from './harness.js'
import { ok, watch } from './support.js'

/**
 * A monitor to be killed in the middle of a round: `killed-monitor.ts STORE_URL TRACKERS`. It reports each check that
 * was recorded on a line of its own. The last third of the trackers never answers.
 */
const [, , url = '', count = ''] = process.argv
const trackers = Array.from({ length: Number(count) }, (_, index) => watch(`t${index}`))
const silent = new Set(trackers.slice((trackers.length * 2) / 3).map(({ tracker }) => tracker.url))

await startWatching({
  store: await openStore(url),
  plan: planOf(trackers),
  script: ({ tracker }, _, signal) => (silent.has(tracker.url) ? untilAborted(signal) : ok()),
  hooks: { onRecorded: ({ result }) => process.stdout.write(`${result.url}\n`) },
})
