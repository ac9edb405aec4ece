import type { LinkedIncident } from '../../store/store.js'
import { explain, statusWords } from '../../tracker/explain.js'
import { maskText, maskUrl } from '../../tracker/mask.js'
import { trackerId } from '../../tracker/state.js'
import { parseTracker } from '../../tracker/tracker.js'
import { duration } from '../pages/text.js'
import { type FeedEntry, permanentId } from './feed.js'

/** An incident as an entry of a feed: the same entry all along, updated when the tracker has recovered. */
export function incidentEntry(incident: LinkedIncident, site: string): FeedEntry {
  const { url, id, from, to } = incident
  const name = maskUrl(url)
  return {
    id: permanentId('incident', id),
    title: `${name} ${verbOf(incident)}`,
    published: from,
    updated: to ?? from,
    summary: summaryOf(incident),
    url: `${site}/tracker/${trackerId(url)}`,
  }
}

function verbOf({ worst, to, recovered, durationMs }: LinkedIncident): string {
  const what = statusWords[worst].toLowerCase()
  if (to === null) return `is ${what}`
  return recovered ? `is up again, was ${what} for ${duration(durationMs)}` : `was ${what} and is watched no more`
}

function summaryOf({ url, reason, code, message }: LinkedIncident): string {
  const sentence = explain({ reason, code }) ?? 'No reason is known'
  const { tracker } = parseTracker(url)
  if (message === null || message === '' || tracker === undefined) return `${sentence}.`
  return `${sentence}: ${maskText(message, tracker)}`
}
