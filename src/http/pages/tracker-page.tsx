import { maskUrl } from '../../tracker/mask.js'
import type { TrackerState } from '../../tracker/state.js'
import type { Hysteresis } from '../../tracker/verdict-rules.js'
import type { AppDeps, GroupRules } from '../deps.js'
import { FactsSection } from './facts.js'
import { LastCheck, StatusChanges } from './history.js'
import { LatencySection } from './latency-chart.js'
import { Layout, type Site } from './layout.js'
import { LastFailures, RecentChecks } from './tracker-checks.js'
import { TrackerHead } from './tracker-head.js'
import { IncidentsSection } from './tracker-incidents.js'
import { MannersSection } from './tracker-manners.js'
import { AddressesSection, RelatedSection } from './tracker-places.js'
import type { TrackerHistory } from './tracker-read.js'
import { ShareSection } from './tracker-share.js'
import { UptimeSection } from './tracker-uptime.js'
import { VerdictSection } from './tracker-verdict.js'

export interface TrackerPageProps {
  readonly site: Site
  readonly state: TrackerState
  readonly history: TrackerHistory
  readonly policy: Hysteresis
  readonly rules: GroupRules | null
  readonly placeOf: AppDeps['placeOf']
  /** Where the site is seen from outside, without a trailing slash. */
  readonly origin: string
  /** The newest event that the page knows of. */
  readonly lastEventId: string
  readonly now: Date
}

/** The sections marked `data-live` are fetched anew and swapped while the page is looked at, see `tracker-live.ts`. */
export function TrackerPage(props: TrackerPageProps) {
  const { site, state, history, now } = props
  const { id, tracker } = state
  const url = maskUrl(tracker.url)
  return (
    <Layout
      site={site}
      title={`${url} – trackerwatch`}
      scripts={['tracker.js']}
      styles={['uplot.css']}
      feeds={[{ title: `Incidents of ${url}`, href: `/feed.atom?tracker=${id}` }]}
    >
      <div id="tracker" data-tracker={id} data-last-event-id={props.lastEventId}>
        <TrackerHead state={state} now={now} />
        <UptimeSection state={state} history={history} now={now} />
        <LatencySection id={id} series={history.latencies} />
        <div class="pair">
          <VerdictSection state={state} policy={props.policy} />
          <FactsSection state={state} now={now} />
        </div>
        <LastCheck state={state} now={now} />
        <IncidentsSection id={id} incidents={history.incidents} tracker={tracker} now={now} />
        <div class="pair">
          <LastFailures failures={history.failures} tracker={tracker} now={now} />
          <RecentChecks checks={history.checks} tracker={tracker} now={now} />
        </div>
        <StatusChanges changes={history.changes} tracker={tracker} now={now} />
        <div class="pair">
          <AddressesSection addresses={history.addresses} placeOf={props.placeOf} now={now} />
          <RelatedSection related={history.related} />
        </div>
        <div class="pair">
          <MannersSection state={state} rules={props.rules} today={history.today} now={now} />
          <ShareSection state={state} origin={props.origin} />
        </div>
      </div>
    </Layout>
  )
}
