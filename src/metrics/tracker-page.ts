import { statuses } from '../tracker/health.js'
import { maskUrl } from '../tracker/mask.js'
import type { Entry } from '../tracker/state.js'
import { schemes } from '../tracker/tracker.js'
import { type FamilyHead, familyText, labelPairs, sampleLine } from './exposition.js'
import type { ProbeCounters } from './probe-counters.js'
import { lastProbes, type Subject, statusOf, trackerFamilies, trackerSamples } from './tracker-families.js'

/** The lines of one tracker, one text per family, and what they were made from. */
interface Block {
  readonly stamp: string
  readonly texts: readonly string[]
}

const trackersHead: FamilyHead = {
  name: 'trackerwatch_trackers',
  type: 'gauge',
  help: 'Watched trackers by status and scheme.',
}

/**
 * Renders the families that have series per tracker. They are written for the entries given and nothing else, so a
 * tracker that is gone leaves nothing behind. A tracker's lines are kept until its next check: scrapes come many times
 * more often than checks.
 */
export function createTrackerPage(counters: ProbeCounters): (entries: readonly Entry[]) => string {
  let blocks = new Map<string, Block>()
  return (entries) => {
    const labels = trackerLabels(entries)
    const next = new Map<string, Block>()
    for (const [index, entry] of entries.entries()) {
      const { url } = entry.tracker
      const counts = counters.of(url)
      const subject = { entry, label: labels[index] ?? '', counts, probes: lastProbes(entry) }
      next.set(url, renderBlock(subject, blocks.get(url)))
    }
    blocks = next
    return joinBlocks([...next.values()]) + trackersText(entries)
  }
}

function renderBlock(subject: Subject, previous: Block | undefined): Block {
  const stamp = stampOf(subject)
  const kept = previous?.stamp === stamp ? previous.texts : []
  const texts = trackerFamilies.map((family, index) => {
    const text = family.moves ? undefined : kept[index]
    return text ?? trackerSamples(family, subject)
  })
  return { stamp, texts }
}

/** Differs whenever a family that does not move by itself would come out different. */
function stampOf({ entry, label, counts }: Subject): string {
  const { health, last, lastOkAt } = entry
  const moments = [health?.since, last?.checkedAt, lastOkAt].map((date) => date?.getTime()).join(' ')
  return `${counts.revision} ${moments} ${statusOf(entry)} ${entry.alive} ${entry.aliveWhen} ${entry.group} ${label}`
}

function joinBlocks(blocks: readonly Block[]): string {
  let page = ''
  for (const [index, family] of trackerFamilies.entries()) {
    let samples = ''
    for (const block of blocks) samples += block.texts[index]
    page += familyText(family, samples)
  }
  return page
}

/** Two private trackers may differ in nothing but their passkeys: then the public id tells them apart. */
function trackerLabels(entries: readonly Entry[]): readonly string[] {
  const masked = entries.map((entry) => maskUrl(entry.tracker.url))
  const seen = new Map<string, number>()
  for (const url of masked) seen.set(url, (seen.get(url) ?? 0) + 1)
  return entries.map((entry, index) => {
    const url = masked[index] ?? ''
    // A canonical URL has no fragment, so the name made here cannot be a third tracker's.
    return labelPairs({ tracker: seen.get(url) === 1 ? url : `${url}#${entry.id}` })
  })
}

function trackersText(entries: readonly Entry[]): string {
  const counts = new Map<string, number>()
  for (const status of statuses) {
    for (const scheme of schemes) counts.set(labelPairs({ status, scheme }), 0)
  }
  for (const entry of entries) {
    const labels = labelPairs({ status: statusOf(entry), scheme: entry.tracker.scheme })
    counts.set(labels, (counts.get(labels) ?? 0) + 1)
  }
  const lines = [...counts].map(([labels, count]) => sampleLine(trackersHead.name, labels, count))
  return familyText(trackersHead, lines.join(''))
}
