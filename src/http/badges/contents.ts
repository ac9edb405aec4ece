import { statusWords } from '../../tracker/explain.js'
import type { Status } from '../../tracker/health.js'
import { maskUrl } from '../../tracker/mask.js'
import { isListName, select } from '../../tracker/select.js'
import { type TrackerState, type UptimeWindow, uptimeWindows } from '../../tracker/state.js'
import type { Window } from '../../tracker/uptime.js'
import type { AppDeps } from '../deps.js'
import { readForLists } from '../list-context.js'
import { milliseconds, percent } from '../pages/text.js'
import type { Badge, Tone } from './badge.js'

const statusTones: Readonly<Record<Status, Tone>> = {
  pending: 'unknown',
  up: 'good',
  degraded: 'fair',
  rejecting: 'fair',
  down: 'bad',
  unknown: 'unknown',
  unsupported: 'unknown',
  paused: 'unknown',
}

type Content = (deps: AppDeps, state: TrackerState, window: UptimeWindow) => Promise<Badge>

/** What can be said of a tracker, by the name in the path. */
const contents = {
  status: async (_deps, { health, archivedAt }) => {
    if (archivedAt !== null) return { label: 'tracker', message: 'not watched', tone: 'unknown' }
    const status = health?.status ?? 'pending'
    return { label: 'tracker', message: statusWords[status].toLowerCase(), tone: statusTones[status] }
  },
  uptime: async ({ store, now }, { tracker }, window) => {
    const at = now()
    const { ratio } = await store.uptime(tracker.url, last(window, at), at)
    const tone = ratio === null ? 'unknown' : ratio >= 0.99 ? 'good' : ratio >= 0.9 ? 'fair' : 'bad'
    return { label: `uptime ${window}`, message: ratio === null ? 'unknown' : percent(ratio), tone }
  },
  latency: async ({ store, now }, { tracker }, window) => {
    const { p50Ms } = await store.latency(tracker.url, last(window, now()))
    const tone = p50Ms === null ? 'unknown' : p50Ms <= 200 ? 'good' : p50Ms <= 1000 ? 'fair' : 'bad'
    return { label: `latency ${window}`, message: p50Ms === null ? 'unknown' : milliseconds(p50Ms), tone }
  },
} as const satisfies Record<string, Content>

type What = keyof typeof contents

export const badgeNames = Object.keys(contents) as readonly What[]

const defaultWindows: Readonly<Record<What, UptimeWindow>> = { status: '24h', uptime: '30d', latency: '24h' }

/**
 * A badge of a tracker. A README must not break, so whatever is unknown, wrong, or not for everybody (a tracker whose URL
 * carries a secret) is a grey badge and not an error.
 */
export async function trackerBadge(deps: AppDeps, what: What, id: string, windowText?: string): Promise<Badge> {
  const window = windowText === undefined ? defaultWindows[what] : windowText
  if (!isUptimeWindow(window)) return unknownBadge(what, 'unknown window')
  const state = /^[0-9a-f]{12}$/.test(id) ? await deps.store.find(id) : null
  if (state === null || maskUrl(state.tracker.url) !== state.tracker.url) return unknownBadge(what)
  return contents[what](deps, state, window)
}

/** How many trackers are on a list. */
export async function listBadge(deps: AppDeps, list: string): Promise<Badge> {
  if (!isListName(list)) return unknownBadge('list')
  const { entries, context } = await readForLists(deps)
  const size = select(entries, { list, order: 'uptime' }, context).length
  return { label: `${list} trackers`, message: String(size), tone: 'plain' }
}

function unknownBadge(what: What | 'list', message = 'unknown'): Badge {
  return { label: what === 'status' ? 'tracker' : what, message, tone: 'unknown' }
}

function last(window: UptimeWindow, to: Date): Window {
  return { from: new Date(to.getTime() - uptimeWindows[window]), to }
}

function isUptimeWindow(text: string): text is UptimeWindow {
  return Object.hasOwn(uptimeWindows, text)
}
