import { statuses } from '../tracker/health.js'
import { maskUrl } from '../tracker/mask.js'
import type { Entry } from '../tracker/state.js'
import { schemes } from '../tracker/tracker.js'
import { type FamilyHead, familyHead, familyText, labelPairs, sampleLine } from './exposition.js'
import { mapInTurns } from './in-turns.js'
import type { ProbeCounters } from './probe-counters.js'
import { type Block, renderBlock } from './tracker-block.js'
import { statusOf, type TrackerFamily } from './tracker-families.js'

/**
 * Neighbours, whose lines are kept joined: most of them are the same from one scrape to the next, and a page is made of
 * hundreds of texts then and not of ten thousands.
 */
interface Chunk {
  readonly blocks: readonly Block[]
  /** One per family. */
  readonly texts: readonly string[]
}

const CHUNK = 64

const trackersHead: FamilyHead = {
  name: 'trackerwatch_trackers',
  type: 'gauge',
  help: 'Watched trackers by status and scheme.',
}

/** What one scrape leaves for the next. */
interface Kept {
  readonly families: readonly TrackerFamily[]
  readonly blocks: ReadonlyMap<string, Block>
  readonly chunks: readonly Chunk[]
}

/**
 * Renders the families that have series per tracker. They are written for the entries given and nothing else, so a
 * tracker that is gone leaves nothing behind. In pieces, since a page of megabytes should be copied but once, and with
 * turns of the event loop between: of two scrapes at once the later leaves its lines to the next.
 */
export function createTrackerPage(
  counters: ProbeCounters,
  familiesNow: () => readonly TrackerFamily[],
): (entries: readonly Entry[]) => Promise<readonly string[]> {
  let kept: Kept = { families: [], blocks: new Map(), chunks: [] }
  const labelsOf = createLabels()
  return async (entries) => {
    const families = familiesNow()
    const { blocks, chunks: before } = kept.families === families ? kept : { blocks: new Map(), chunks: [] }
    const labels = labelsOf(entries)
    const blockOf = (entry: Entry, index: number): Block =>
      renderBlock({ entry, label: labels[index] ?? '' }, counters, families, blocks.get(entry.tracker.url))
    const chunks = await mapInTurns(chunkStarts(entries.length), (start) => {
      const members = entries.slice(start, start + CHUNK).map((entry, at) => blockOf(entry, start + at))
      return joined(members, before[start / CHUNK], families.length)
    })
    const rendered = chunks.flatMap((chunk) => chunk.blocks)
    kept = { families, blocks: new Map(rendered.map((block) => [block.entry.tracker.url, block])), chunks }
    return families.flatMap((family, index) => familyPieces(family, samplesOf(chunks, index)))
  }
}

function chunkStarts(entries: number): readonly number[] {
  return Array.from({ length: Math.ceil(entries / CHUNK) }, (_, index) => index * CHUNK)
}

function samplesOf(chunks: readonly Chunk[], family: number): readonly string[] {
  return chunks.flatMap((chunk) => chunk.texts[family] ?? [])
}

function familyPieces(family: TrackerFamily, samples: readonly string[]): readonly string[] {
  return samples.every((text) => text === '') ? [] : [familyHead(family), ...samples]
}

function joined(blocks: readonly Block[], previous: Chunk | undefined, families: number): Chunk {
  const before = previous?.blocks.length === blocks.length ? previous : undefined
  if (before !== undefined && blocks.every((block, at) => block === before.blocks[at])) return before
  const texts = Array.from({ length: families }, (_, family) => {
    const isSame = blocks.every((block, at) => block.texts[family] === before?.blocks[at]?.texts[family])
    const kept = isSame ? before?.texts[family] : undefined
    return kept ?? blocks.map((block) => block.texts[family]).join('')
  })
  return { blocks, texts }
}

/** The labels of the trackers, made anew where their set or order has changed. */
function createLabels(): (entries: readonly Entry[]) => readonly string[] {
  let named: readonly Entry['tracker'][] = []
  let labels: readonly string[] = []
  return (entries) => {
    const isSame = entries.length === named.length && entries.every(({ tracker }, at) => tracker === named[at])
    if (!isSame) labels = trackerLabels(entries)
    named = entries.map(({ tracker }) => tracker)
    return labels
  }
}

/** Two private trackers may differ in nothing but their passkeys: then the public id tells them apart. */
function trackerLabels(entries: readonly Entry[]): readonly string[] {
  const masked = entries.map(({ tracker }) => maskUrl(tracker.url))
  const seen = new Map<string, number>()
  for (const url of masked) seen.set(url, (seen.get(url) ?? 0) + 1)
  return entries.map((entry, index) => {
    const url = masked[index] ?? ''
    // A canonical URL has no fragment, so the name made here cannot be a third tracker's.
    return labelPairs({ tracker: seen.get(url) === 1 ? url : `${url}#${entry.id}` })
  })
}

/** How many trackers there are of each status and scheme. */
export function trackersText(entries: readonly Entry[]): string {
  const counts = new Map<string, number>()
  for (const status of statuses) {
    for (const scheme of schemes) counts.set(`status="${status}",scheme="${scheme}"`, 0)
  }
  for (const entry of entries) {
    const labels = `status="${statusOf(entry)}",scheme="${entry.tracker.scheme}"`
    counts.set(labels, (counts.get(labels) ?? 0) + 1)
  }
  const lines = [...counts].map(([labels, count]) => sampleLine(trackersHead.name, labels, count))
  return familyText(trackersHead, lines.join(''))
}
