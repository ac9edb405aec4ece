/** Makes the page of a tracker live. It is whole without this. */
import { explainBars } from './bars.js'
import { showCharts } from './chart.js'
import { offerCopies } from './copy.js'
import { listenToEvents } from './status-events.js'
import { sayTimes } from './times.js'
import { hrefOfDay } from './tracker-days.js'
import { createRenewal } from './tracker-live.js'

const root = document.getElementById('tracker')
const id = root?.dataset.tracker ?? ''
const charts = showCharts()
const renew = createRenewal(() => charts.renew())

explainBars((row, place) => {
  const href = hrefOfDay(row, place)
  if (href !== null) location.assign(href)
})
offerCopies(document)

const tick = (): void => {
  if (!document.hidden) sayTimes(document, new Date())
}
tick()
setInterval(tick, 1_000)

listenToEvents(() => root?.dataset.lastEventId ?? '', {
  onTracker: (changed) => {
    if (changed === id) renew()
  },
  onRound: renew,
  onState: () => {},
})
