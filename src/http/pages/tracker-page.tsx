import type { LatencySummary } from '../../store/store.js'
import type { StoredCheck } from '../../store/stored-check.js'
import type { StatusChange } from '../../tracker/health.js'
import { maskUrl } from '../../tracker/mask.js'
import type { TrackerState, UptimeWindow } from '../../tracker/state.js'
import type { Uptime } from '../../tracker/uptime.js'
import { AnnounceFacts, WatchFacts } from './facts.js'
import { LastCheck, RecentChecks, StatusChanges } from './history.js'
import { Layout, type Site } from './layout.js'
import { StatusMark, Why } from './parts.js'
import { duration, milliseconds, orUnknown, percent, utc } from './text.js'
import { whyOf } from './why.js'

/** What the page says beside the tracker's state. */
export interface TrackerHistory {
  readonly uptimes: readonly (readonly [UptimeWindow, Uptime])[]
  readonly latencies: readonly (readonly [UptimeWindow, LatencySummary])[]
  /** Newest first. */
  readonly changes: readonly StatusChange[]
  /** Newest first. */
  readonly checks: readonly StoredCheck[]
}

interface TrackerPageProps {
  readonly site: Site
  readonly state: TrackerState
  readonly history: TrackerHistory
  readonly now: Date
}

export function TrackerPage({ site, state, history, now }: TrackerPageProps) {
  const url = maskUrl(state.tracker.url)
  return (
    <Layout site={site} title={`${url} – trackerwatch`}>
      <h1>{url}</h1>
      <Verdict state={state} now={now} />
      <div class="pair">
        <section>
          <h2>Uptime</h2>
          <UptimeTable uptimes={history.uptimes} />
        </section>
        <section>
          <h2>Latency</h2>
          <LatencyTable latencies={history.latencies} />
        </section>
      </div>
      <div class="pair">
        <section>
          <h2>What the tracker says</h2>
          <AnnounceFacts state={state} />
        </section>
        <section>
          <h2>Watched</h2>
          <WatchFacts state={state} now={now} />
        </section>
      </div>
      <LastCheck state={state} now={now} />
      <StatusChanges changes={history.changes} tracker={state.tracker} now={now} />
      <RecentChecks checks={history.checks} tracker={state.tracker} now={now} />
    </Layout>
  )
}

function Verdict({ state, now }: { state: TrackerState; now: Date }) {
  const { health } = state
  const why = whyOf(state)
  const outcome = state.last?.outcome
  const failed = outcome?.kind === 'failed' ? outcome : null
  return (
    <>
      <p>
        <StatusMark status={health?.status ?? 'pending'} />
        {health !== null && (
          <>
            {' '}
            for {duration(now.getTime() - health.since.getTime())}, since {utc(health.since)}
          </>
        )}
      </p>
      {why !== null && <Why {...why} />}
      {failed !== null && (
        <p class="why muted">
          Code <code>{failed.code}</code>, in phase <code>{failed.phase}</code>
        </p>
      )}
    </>
  )
}

function UptimeTable({ uptimes }: Pick<TrackerHistory, 'uptimes'>) {
  return (
    <div class="card">
      <table>
        <thead>
          <tr>
            <th scope="col">Window</th>
            <th scope="col" class="num">
              Uptime
            </th>
            <th scope="col" class="num">
              Not alive
            </th>
            <th scope="col" class="num">
              Observed
            </th>
          </tr>
        </thead>
        <tbody>
          {uptimes.map(([window, { ratio, observedMs, aliveMs }]) => (
            <tr>
              <th scope="row">{window}</th>
              <td class="num">{percent(ratio)}</td>
              <td class="num">{ratio === null ? orUnknown(null) : duration(observedMs - aliveMs)}</td>
              <td class="num">{duration(observedMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function LatencyTable({ latencies }: Pick<TrackerHistory, 'latencies'>) {
  return (
    <div class="card">
      <table>
        <thead>
          <tr>
            <th scope="col">Window</th>
            {['p50', 'p95', 'p99', 'Answers'].map((title) => (
              <th scope="col" class="num">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {latencies.map(([window, { p50Ms, p95Ms, p99Ms, samples }]) => (
            <tr>
              <th scope="row">{window}</th>
              <td class="num">{milliseconds(p50Ms)}</td>
              <td class="num">{milliseconds(p95Ms)}</td>
              <td class="num">{milliseconds(p99Ms)}</td>
              <td class="num">{samples}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
