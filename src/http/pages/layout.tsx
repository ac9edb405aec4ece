import type { Child } from 'hono/jsx'

/** What every page needs to know about the site. */
export interface Site {
  readonly stylesheetPath: string
  readonly version: string
}

export function Layout({ site, title, children }: { site: Site; title: string; children?: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href={site.stylesheetPath} />
      </head>
      <body>
        <header>
          <a class="name" href="/">
            trackerwatch
          </a>
          <nav aria-label="Pages">
            <a href="/">Status</a>
            <a href="/lists/">Lists</a>
            <a href="/metrics">Metrics</a>
          </nav>
        </header>
        <main>{children}</main>
        <footer>trackerwatch {site.version}</footer>
      </body>
    </html>
  )
}
