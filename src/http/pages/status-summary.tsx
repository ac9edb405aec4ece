import type { MonitorStatus } from '../deps.js'
import { Moment } from './parts.js'
import { counted, duration } from './text.js'

export interface SummaryProps {
  readonly alive: number
  readonly trackers: number
  /** Trackers on the stable list. */
  readonly stable: number
  readonly monitor: MonitorStatus
  readonly now: Date
}

/** The state of everything in one sentence. */
export function bannerOf({ alive, trackers, stable }: SummaryProps): string {
  return `${alive} of ${counted(trackers, 'tracker')} up · stable list ${stable}`
}

/** That we are blind comes first: what follows is then what we saw last. */
export function Summary(props: SummaryProps) {
  const { monitor, now } = props
  const { lastRoundAt, blind } = monitor
  return (
    <div id="summary">
      {blind.length > 0 && (
        <div class="blind" role="alert">
          {blind.map((sentence) => (
            <p>
              <b>{sentence}.</b>
            </p>
          ))}
          <p>What cannot be seen until this is over keeps the status that it had before.</p>
        </div>
      )}
      <h1>
        {bannerOf(props)}
        {lastRoundAt !== null && (
          <>
            {' · last round '}
            <Moment at={lastRoundAt} now={now} />
          </>
        )}
      </h1>
      <p class="muted">
        <NextRound {...monitor} now={now} /> · running for {duration(now.getTime() - monitor.startedAt.getTime())}
      </p>
    </div>
  )
}

function NextRound({ lastRoundAt, nextRoundAt, now }: MonitorStatus & { now: Date }) {
  if (nextRoundAt === null) return <>{lastRoundAt === null ? 'No round has ended yet' : 'No round is planned'}</>
  const next = <Moment at={nextRoundAt} now={now} isDue />
  if (lastRoundAt === null) return <>No round has ended yet; the first one starts {next}</>
  return <>Next round {next}</>
}
