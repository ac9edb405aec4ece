import type { Entry } from '../tracker/state.js'
import { lastProbes } from './check-families.js'
import type { ProbeCounters } from './probe-counters.js'
import { type Subject, type TrackerFamily, trackerSamples } from './tracker-families.js'

/** The lines of one tracker, one text per family, and what they were made from. */
export interface Block {
  readonly entry: Entry
  readonly label: string
  readonly revision: number
  readonly texts: readonly string[]
}

/**
 * The lines of a tracker, those of the previous scrape where they would be the same: scrapes come many times more often
 * than checks.
 */
export function renderBlock(
  { entry, label }: Pick<Subject, 'entry' | 'label'>,
  counters: ProbeCounters,
  families: readonly TrackerFamily[],
  previous: Block | undefined,
): Block {
  const counts = counters.of(entry.tracker.url)
  const { revision } = counts
  const isStill = previous !== undefined && isSame(previous, { entry, label, revision })
  if (isStill && isSameUptime(previous.entry, entry)) return previous
  const subject = { entry, label, counts, probes: lastProbes(entry) }
  const texts = families.map((family, index) => {
    const kept = isStill && !family.moves ? previous.texts[index] : undefined
    return kept ?? trackerSamples(family, subject)
  })
  return { entry, label, revision, texts }
}

/** Whether every family that does not move by itself comes out the same. */
function isSame(previous: Omit<Block, 'texts'>, { entry, label, revision }: Omit<Block, 'texts'>): boolean {
  const before = previous.entry
  return (
    before.health === entry.health &&
    before.last === entry.last &&
    before.lastOkAt === entry.lastOkAt &&
    before.alive === entry.alive &&
    before.aliveWhen === entry.aliveWhen &&
    before.group === entry.group &&
    previous.label === label &&
    previous.revision === revision
  )
}

function isSameUptime({ uptime: before }: Entry, { uptime: now }: Entry): boolean {
  return (
    before['24h'] === now['24h'] &&
    before['7d'] === now['7d'] &&
    before['30d'] === now['30d'] &&
    before['90d'] === now['90d'] &&
    before['1y'] === now['1y']
  )
}
