import { own, type Panel, series, timeline, variable, yesNo } from './parts.js'

/** Panels and links that more than one dashboard has. */

/** From the URL of a tracker in a table to its dashboard, with the choices made here. */
export const toTracker = {
  title: 'Tracker',
  url: `/d/trackerwatch-tracker?var-tracker=${variable('__value.raw:percentencode')}&${variable('job:queryparam')}&${variable('instance:queryparam')}&${variable('__url_time_range')}`,
}

/** Our own sight: what it does not reach counts against nobody. */
export function blindness(width: number): Panel {
  return timeline({
    title: 'Own sight',
    description:
      'Whether our network reaches trackers over each address family and our name servers answer. No: we are blind, and no check counts.',
    unit: 'short',
    width,
    mappings: yesNo,
    queries: [
      { expr: `min by (family) (${own('uplink_up')})`, legend: 'IPv{{family}}' },
      { expr: `min(${own('resolver_up')})`, legend: 'name servers' },
    ],
  })
}

export function roundDuration(width: number): Panel {
  return series({
    title: 'Round duration',
    description: 'Duration of the last completed round. Longer than the schedule allows, and beats are missed.',
    unit: 's',
    width,
    queries: [{ expr: `max by (instance) (${own('round_duration_seconds')})`, legend: '{{instance}}' }],
  })
}

export function listEntries(width: number): Panel {
  return series({
    title: 'List entries',
    description: 'Trackers on each list when its file was last written.',
    unit: 'short',
    width,
    queries: [{ expr: `max by (list) (${own('list_entries')})`, legend: '{{list}}' }],
  })
}
