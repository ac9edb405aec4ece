import type { Feed } from './feed.js'

export const jsonFeedContentType = 'application/feed+json; charset=utf-8'

/** A feed as JSON Feed 1.1. */
export function renderJsonFeed(feed: Feed): string {
  const content = {
    version: 'https://jsonfeed.org/version/1.1',
    title: feed.title,
    home_page_url: feed.home,
    feed_url: feed.self,
    authors: [{ name: 'trackerwatch' }],
    items: feed.entries.map(({ id, title, summary, url, published, updated }) => ({
      id,
      url,
      title,
      content_text: summary,
      date_published: published.toISOString(),
      date_modified: updated.toISOString(),
    })),
  }
  return `${JSON.stringify(content, null, 2)}\n`
}
