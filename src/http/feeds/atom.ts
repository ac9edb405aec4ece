import type { Feed, FeedEntry } from './feed.js'

export const atomContentType = 'application/atom+xml; charset=utf-8'

/** A feed as Atom (RFC 4287). */
export function renderAtom(feed: Feed): string {
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `  <id>${escapeXml(feed.id)}</id>`,
    `  <title>${escapeXml(feed.title)}</title>`,
    `  <updated>${feed.updated.toISOString()}</updated>`,
    '  <author><name>trackerwatch</name></author>',
    '  <generator>trackerwatch</generator>',
    `  <link rel="self" type="application/atom+xml" href="${escapeXml(feed.self)}"/>`,
    `  <link rel="alternate" type="text/html" href="${escapeXml(feed.home)}"/>`,
    ...feed.entries.map(renderEntry),
    '</feed>',
  ]
  return `${lines.join('\n')}\n`
}

function renderEntry({ id, title, updated, published, summary, url }: FeedEntry): string {
  return [
    '  <entry>',
    `    <id>${escapeXml(id)}</id>`,
    `    <title>${escapeXml(title)}</title>`,
    `    <updated>${updated.toISOString()}</updated>`,
    `    <published>${published.toISOString()}</published>`,
    `    <link rel="alternate" type="text/html" href="${escapeXml(url)}"/>`,
    `    <summary>${escapeXml(summary)}</summary>`,
    '  </entry>',
  ].join('\n')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Characters that XML 1.0 has no way to write, not even as a reference; half a surrogate pair is one of them. */
const UNWRITABLE = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

/** Text of anybody, fit for content and for attributes in quotes. */
export function escapeXml(text: string): string {
  return text.replace(UNWRITABLE, '\ufffd').replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
