import { Layout, type Site } from './layout.js'
import { StatusCounts, StatusFilters } from './status-filters.js'
import type { StatusLine } from './status-line.js'
import type { ParsedStatusQuery } from './status-query.js'
import { bannerOf, Summary, type SummaryProps } from './status-summary.js'
import { StatusTable } from './status-table.js'
import { viewOf } from './status-view.js'

export interface StatusPageProps extends ParsedStatusQuery {
  readonly summary: SummaryProps
  /** All trackers, in the order of the configuration. */
  readonly lines: readonly StatusLine[]
  readonly groups: readonly string[]
  /** The newest event that the page knows of: what comes after it is news. */
  readonly lastEventId: string
}

export function StatusPage({ site, ...props }: StatusPageProps & { readonly site: Site }) {
  const { summary, lines, groups, query } = props
  return (
    <Layout site={site} title={titleOf(summary)} place="/" scripts={['status.js']}>
      <div class="overview">
        <Summary {...summary} />
        <p id="live" class="live muted" role="status" hidden></p>
      </div>
      {lines.length > 0 && <StatusFilters query={query} groups={groups} />}
      <StatusContent {...props} />
    </Layout>
  )
}

/** The parts that change, without the rest of the page. `ids`: only the rows of these, where they are wanted. */
export function StatusFragment({ ids, ...props }: StatusPageProps & { readonly ids: ReadonlySet<string> | null }) {
  return (
    <>
      <Summary {...props.summary} />
      <StatusContent {...props} ids={ids} />
    </>
  )
}

function titleOf(summary: SummaryProps): string {
  return `${bannerOf(summary)} – trackerwatch`
}

interface ContentProps extends StatusPageProps {
  readonly ids?: ReadonlySet<string> | null
}

function StatusContent({ summary, lines: all, groups, query, ignored, lastEventId, ids = null }: ContentProps) {
  const { lines, counts } = viewOf(all, query)
  const only = ids === null ? null : lines.filter(({ entry }) => ids.has(entry.id))
  return (
    <div id="content" data-title={titleOf(summary)} data-last-event-id={lastEventId}>
      {all.length === 0 ? (
        <div class="card empty">No trackers are watched. Name some in the configuration, then reload it.</div>
      ) : (
        <>
          <Ignored sentences={ignored} />
          <StatusCounts query={query} counts={counts} />
          <p id="shown" class="unseen" role="status">
            {lines.length} of {all.length} trackers shown
          </p>
          {lines.length === 0 ? (
            <div class="card empty">
              No tracker is like that.{' '}
              <a class="view" href="/">
                Show all
              </a>
            </div>
          ) : (
            <StatusTable
              lines={only ?? lines}
              {...(only !== null && { ids: lines.map(({ entry }) => entry.id) })}
              query={query}
              hasPlaces={all.some(({ places }) => places.length > 0)}
              hasGroups={groups.length > 1}
              now={summary.now}
            />
          )}
        </>
      )}
    </div>
  )
}

function Ignored({ sentences }: { sentences: readonly string[] }) {
  return (
    <div id="ignored">
      {sentences.map((sentence) => (
        <p class="note">Left out of the filter: {sentence}.</p>
      ))}
    </div>
  )
}
