import { maskUrl } from '../../tracker/mask.js'
import type { TrackerState } from '../../tracker/state.js'
import { Copyable } from './copyable.js'

interface ShareProps {
  readonly state: TrackerState
  /** Where the site is seen from outside, without a trailing slash. */
  readonly origin: string
}

/** What people take with them: a badge, a feed, the command that checks it. */
export function ShareSection({ state, origin }: ShareProps) {
  const { id, tracker } = state
  const page = `${origin}/tracker/${id}`
  const badge = `${origin}/badge/${id}/status.svg`
  const isSecret = maskUrl(tracker.url) !== tracker.url
  return (
    <section id="share">
      <h2>Take it with you</h2>
      <div class="card">
        <p class="badges">
          {badges.map(({ file, alt }) => (
            <img src={`/badge/${id}/${file}`} alt={alt} height="20" />
          ))}
        </p>
        <dl>
          <Taken id="badge-markdown" name="Badge, Markdown" text={`[![Tracker status](${badge})](${page})`} />
          <Taken
            id="badge-html"
            name="Badge, HTML"
            text={`<a href="${page}"><img src="${badge}" alt="Tracker status"></a>`}
          />
          <dt>Feeds</dt>
          <dd>
            <a href={`/feed.atom?tracker=${id}`}>Atom</a> and <a href={`/feed.json?tracker=${id}`}>JSON</a>, of its
            incidents
          </dd>
          {isSecret ? (
            <>
              <dt>Command</dt>
              <dd class="muted">The URL carries a secret, so no command is shown.</dd>
            </>
          ) : (
            <Taken id="command" name="Command" text={`trackerwatch check --explain ${shellQuoted(tracker.url)}`} />
          )}
        </dl>
        <p class="footnote muted">
          The other badges: <code>/badge/{id}/uptime.svg?window=30d</code> and <code>/badge/{id}/latency.svg</code>.
        </p>
      </div>
    </section>
  )
}

const badges = [
  { file: 'status.svg', alt: 'Badge: status' },
  { file: 'uptime.svg?window=30d', alt: 'Badge: uptime over 30 days' },
  { file: 'latency.svg', alt: 'Badge: latency' },
] as const

function Taken({ id, name, text }: { id: string; name: string; text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Copyable id={id} text={text} what={name} />
      </dd>
    </>
  )
}

/** For a POSIX shell. */
function shellQuoted(text: string): string {
  return /^[\w:/.,@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
