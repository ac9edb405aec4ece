import { type FormatName, formats } from '../../export/formats.js'
import { maskUrl } from '../../tracker/mask.js'
import type { Entry, UptimeWindow } from '../../tracker/state.js'
import { Copyable } from './copyable.js'
import { StatusMark } from './parts.js'
import { TableHead } from './table-head.js'
import { counted, milliseconds, percent } from './text.js'

const PREVIEW = 10
/** qBittorrent takes no list that is longer. */
const MOST_BYTES = 1024 * 1024

interface ListResultProps {
  readonly chosen: readonly Entry[]
  readonly format: FormatName
  readonly window: UptimeWindow
  readonly url: string | null
  readonly problem: string | null
}

/** What the choice comes to: how many, under which URL, and the first of them. */
export function ListResult({ chosen, format, window, url, problem }: ListResultProps) {
  const bytes = Buffer.byteLength(formats[format].render(chosen))
  return (
    <section aria-label="Result">
      <p class="sum" aria-live="polite">
        {problem === null ? (
          <>
            <b>{counted(chosen.length, 'tracker')}</b> <span class="muted">{size(bytes)}</span>
          </>
        ) : (
          <span class="down">
            <b>Not possible:</b> {problem}
          </span>
        )}
      </p>
      {url !== null && problem === null && <Copyable id="list-url" text={url} what="URL of the list" />}
      {url !== null && problem === null && (
        <p class="why">
          <a href={url}>Open it</a>. Whoever subscribes to this URL gets the list as it is then.
        </p>
      )}
      {bytes > MOST_BYTES && (
        <p class="why degraded">
          That is more than 1 MiB, which qBittorrent refuses: set a limit or ask for a higher uptime.
        </p>
      )}
      <div class="card">
        {chosen.length === 0 ? (
          <p class="empty muted">{problem === null ? 'No tracker fits this choice now.' : 'Nothing is chosen.'}</p>
        ) : (
          <table class="preview">
            <TableHead titles={['Tracker', 'Status']} numbers={[`Uptime ${window}`, 'Latency']} />
            <tbody>
              {chosen.slice(0, PREVIEW).map((entry) => (
                <PreviewRow entry={entry} window={window} />
              ))}
            </tbody>
          </table>
        )}
      </div>
      {chosen.length > PREVIEW && (
        <p class="why muted">
          The first {PREVIEW} of {chosen.length}.
        </p>
      )}
    </section>
  )
}

function PreviewRow({ entry, window }: { entry: Entry; window: UptimeWindow }) {
  return (
    <tr>
      <th scope="row" class="url">
        <a href={`/tracker/${entry.id}`}>{maskUrl(entry.tracker.url)}</a>
      </th>
      <td>
        <StatusMark status={entry.health?.status ?? 'pending'} />
      </td>
      <td class="num">{percent(entry.uptime[window])}</td>
      <td class="num">{milliseconds(entry.latencyMs)}</td>
    </tr>
  )
}

function size(bytes: number): string {
  return bytes < 1000
    ? `${bytes} bytes`
    : bytes < 1e6
      ? `${(bytes / 1000).toFixed(1)} kB`
      : `${(bytes / 1e6).toFixed(1)} MB`
}
