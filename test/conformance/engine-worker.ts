import { once } from 'node:events'
import { type CheckTrackersOptions, checkTrackers } from '../../src/probe/check-trackers.js'
import type { FleetReport, FleetTask, SoakReport, SoakTask } from './engine-child.js'

/** The process behind `runInChild`: does one task, reports, and ends. */
const [task]: [FleetTask | SoakTask] = (await once(process, 'message')) as [FleetTask | SoakTask]
const report = task.kind === 'fleet' ? await runFleet(task) : await runSoak(task)
process.send?.(report, () => process.disconnect())

async function runFleet({ urls, concurrency, startsPerSecond }: FleetTask): Promise<FleetReport> {
  const outcomes: Record<string, number> = {}
  let atOnce = 0
  let mostAtOnce = 0
  const options: CheckTrackersOptions = {
    allowPrivate: true,
    concurrency,
    startsPerSecond: { udp: startsPerSecond },
    onTrace: ({ kind }) => {
      if (kind === 'probe_began') mostAtOnce = Math.max(mostAtOnce, ++atOnce)
      if (kind === 'probe_settled') atOnce--
    },
    onResult: ({ outcome }) => {
      outcomes[outcome.kind] = (outcomes[outcome.kind] ?? 0) + 1
    },
  }
  // Compiling our code is not what a round costs.
  await checkTrackers(urls.slice(0, 2000), { ...options, onResult: () => {} })
  const stop = watchWork()
  const beganMs = performance.now()
  await checkTrackers(urls, options)
  return { outcomes, mostAtOnce, tookMs: performance.now() - beganMs, p99WorkMs: stop() }
}

/** How much this process works between two ticks of its event loop; ends with the 99th percentile, ms. */
function watchWork(): () => number {
  const worked: number[] = []
  let before = process.cpuUsage()
  const ticking = setInterval(() => {
    const { user, system } = process.cpuUsage(before)
    before = process.cpuUsage()
    worked.push((user + system) / 1000)
  }, 5)
  return () => {
    clearInterval(ticking)
    return worked.toSorted((a, b) => a - b)[Math.floor(worked.length * 0.99)] ?? Number.NaN
  }
}

async function runSoak({ urls, dnsServers, rounds, perRound }: SoakTask): Promise<SoakReport> {
  const heapBytes: number[] = []
  const idle = process.getActiveResourcesInfo().length
  const options = { allowPrivate: true, dnsServers, timeoutMs: 200, attempts: 2 }
  for (let round = 0; round < rounds; round++) {
    const batch = Array.from({ length: perRound }, (_, index) => `${urls[index % urls.length]}?${round}.${index}`)
    await checkTrackers(batch, { ...options, startsPerSecond: { udp: 100_000, tcp: 100_000, tls: 100_000 } })
    while (process.getActiveResourcesInfo().length > idle) await new Promise((resolve) => setTimeout(resolve, 5))
    // What a buffer holds goes with the second.
    for (const _ of [1, 2]) {
      globalThis.gc?.()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const { heapUsed, external } = process.memoryUsage()
    heapBytes.push(heapUsed + external)
  }
  return { heapBytes }
}
