import type { Child } from 'hono/jsx'

/** What every page needs to know about the site. */
export interface Site {
  /** Name of an asset → where it is served. */
  readonly asset: (name: string) => string
  readonly version: string
  /** Whether visitors may propose trackers. */
  readonly submissions?: boolean
}

interface LayoutProps {
  readonly site: Site
  readonly title: string
  /** Names of the scripts that make the page live; it is whole without them. */
  readonly scripts?: readonly string[]
  /** Names of stylesheets beside the common one. */
  readonly styles?: readonly string[]
  /** Feeds of this page alone, beside those of the site. */
  readonly feeds?: readonly { readonly title: string; readonly href: string }[]
  readonly children?: Child
}

const siteFeed = { title: 'Status changes of all trackers', href: '/feed.atom' }

export function Layout({ site, title, scripts = [], styles = [], feeds = [], children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <script src={site.asset('theme.js')}></script>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        {['style.css', ...styles].map((name) => (
          <link rel="stylesheet" href={site.asset(name)} />
        ))}
        {[...feeds, siteFeed].map((feed) => (
          <link rel="alternate" type="application/atom+xml" title={feed.title} href={feed.href} />
        ))}
        {scripts.map((name) => (
          <script type="module" src={site.asset(name)}></script>
        ))}
      </head>
      <body>
        <header>
          <a class="name" href="/">
            trackerwatch
          </a>
          <nav aria-label="Pages">
            <a href="/">Status</a>
            <a href="/incidents">Incidents</a>
            <a href="/lists/">Lists</a>
            <a href="/api/v1/">API</a>
            <a href="/metrics">Metrics</a>
          </nav>
          <button type="button" class="theme" aria-pressed="false" hidden>
            Dark
          </button>
        </header>
        <main>{children}</main>
        <footer>
          trackerwatch {site.version}
          {site.submissions === true && (
            <>
              {' · '}
              <a href="/submit">Submit trackers</a>
            </>
          )}
        </footer>
      </body>
    </html>
  )
}
