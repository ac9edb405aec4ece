/** Makes the status page live. It is whole without this. */
import { explainBars } from './bars.js'
import { listenToEvents } from './status-events.js'
import { createRefresh } from './status-refresh.js'
import { keepViewInAddress } from './status-view.js'
import { sayTimes } from './times.js'

const RETRY_MS = 5_000

const words = {
  live: 'Live',
  lost: 'Connection lost; trying again',
  paused: 'Paused',
} as const

const indicator = document.getElementById('live')
const connection: { stream: keyof typeof words; fetched: boolean } = { stream: 'paused', fetched: true }
const say = (change: Partial<typeof connection>): void => {
  Object.assign(connection, change)
  const state = connection.fetched || connection.stream === 'paused' ? connection.stream : 'lost'
  if (indicator === null || indicator.dataset.state === state) return
  indicator.hidden = false
  indicator.dataset.state = state
  indicator.textContent = words[state]
}

const form = document.querySelector<HTMLFormElement>('form#filters')
const refresh = createRefresh((fetched) => {
  say({ fetched })
  if (!fetched) setTimeout(refresh.all, RETRY_MS)
})
if (form !== null) keepViewInAddress(form, refresh.all)
explainBars()

const tick = (): void => {
  if (!document.hidden) sayTimes(document, new Date())
}
tick()
setInterval(tick, 1_000)

listenToEvents(() => document.getElementById('content')?.dataset.lastEventId ?? '', {
  onTracker: (id) => refresh.some([id]),
  onRound: refresh.all,
  onState: (stream) => say({ stream }),
})
