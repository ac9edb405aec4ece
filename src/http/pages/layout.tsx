import type { Child } from 'hono/jsx'

/** What every page needs to know about the site. */
export interface Site {
  /** Name of an asset → where it is served. */
  readonly asset: (name: string) => string
  readonly version: string
  /** Whether visitors may propose trackers. */
  readonly submissions?: boolean
}

/** The navigation. */
const places = [
  { title: 'Status', href: '/' },
  { title: 'Incidents', href: '/incidents' },
  { title: 'Lists', href: '/lists/' },
  { title: 'API', href: '/api/v1/' },
  { title: 'Metrics', href: '/metrics' },
] as const

interface LayoutProps {
  readonly site: Site
  readonly title: string
  /** Which place of the navigation this page is; none where it is below them. */
  readonly place?: (typeof places)[number]['href']
  /** Names of the scripts that make the page live; it is whole without them. */
  readonly scripts?: readonly string[]
  /** Names of stylesheets beside the common one. */
  readonly styles?: readonly string[]
  /** Feeds of this page alone, beside those of the site. */
  readonly feeds?: readonly { readonly title: string; readonly href: string }[]
  readonly children?: Child
}

const siteFeed = { title: 'Status changes of all trackers', href: '/feed.atom' }

export function Layout({ site, title, place, scripts = [], styles = [], feeds = [], children }: LayoutProps) {
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
            {places.map((one) => (
              <a href={one.href} {...(one.href === place && { 'aria-current': 'page' as const })}>
                {one.title}
              </a>
            ))}
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
