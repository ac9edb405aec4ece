import { describe, expect, it } from 'vitest'
import { escapeXml, renderAtom } from '../../../src/http/feeds/atom.js'
import { type Feed, permanentId, updatedOf } from '../../../src/http/feeds/feed.js'
import { renderJsonFeed } from '../../../src/http/feeds/json-feed.js'
import { ago, NOW } from '../../export/entries.js'
import { wellFormed } from '../../support/xml.js'

const entry = {
  id: permanentId('x', '1'),
  title: 'one',
  published: ago(1000),
  updated: NOW,
  summary: 'what happened',
  url: 'https://monitor.example/tracker/1?a=1&b=2',
}
const feed: Feed = {
  id: permanentId('feed'),
  title: 'All',
  updated: NOW,
  self: 'https://monitor.example/feed.atom?a=1&b=2',
  home: 'https://monitor.example/',
  entries: [entry],
}

describe('permanentId', () => {
  it('is a UUID of version 8, the same for the same parts and no other', () => {
    expect(permanentId('a', 'b')).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    expect(permanentId('a', 'b')).toBe(permanentId('a', 'b'))
    expect(permanentId('a', 'b')).not.toBe(permanentId('ab'))
  })

  it('has not changed since it was first published', () => {
    expect(permanentId('incident', '0123456789ab')).toBe('urn:uuid:19dcabbd-97f6-8752-97dd-2048dc76c724')
  })
})

describe('updatedOf', () => {
  it('is the newest change, and a fixed moment for no entries', () => {
    expect(updatedOf([{ updated: ago(5) }, { updated: NOW }, { updated: ago(9) }])).toEqual(NOW)
    expect(updatedOf([])).toEqual(new Date(0))
  })
})

describe('renderAtom', () => {
  it('says what RFC 4287 asks for', () => {
    const text = renderAtom(feed)
    wellFormed(text)
    for (const part of [
      '<feed xmlns="http://www.w3.org/2005/Atom">',
      `<id>${feed.id}</id>`,
      '<updated>2026-11-22T10:00:00.000Z</updated>',
      '<author><name>trackerwatch</name></author>',
      '<link rel="self" type="application/atom+xml" href="https://monitor.example/feed.atom?a=1&amp;b=2"/>',
      `<id>${entry.id}</id>`,
      '<published>2026-11-22T09:59:59.000Z</published>',
      '<summary>what happened</summary>',
    ]) {
      expect(text).toContain(part)
    }
  })

  it.each([
    '</title><script>alert(1)</script>',
    ']]>&lt;&#0;',
    'a\u0000b\u0008c\u000bd\ufffee\uffff',
    '\ud800 \udc00 half a pair',
    `"'<>&`,
  ])('holds the hostile text %j as text', (hostile) => {
    const text = renderAtom({
      ...feed,
      title: hostile,
      self: hostile,
      entries: [{ ...entry, title: hostile, summary: hostile, url: hostile }],
    })
    wellFormed(text)
    expect(text).not.toContain('<script')
    expect(text.match(/<entry>/g)).toHaveLength(1)
  })

  it('keeps what may stand in XML, whole pairs of surrogates too', () => {
    expect(escapeXml('ü 🌍\t\n')).toBe('ü 🌍\t\n')
    expect(escapeXml('\u0000\ud83c')).toBe('\ufffd\ufffd')
  })
})

describe('renderJsonFeed', () => {
  it('says what JSON Feed 1.1 asks for', () => {
    expect(JSON.parse(renderJsonFeed(feed))).toEqual({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'All',
      home_page_url: 'https://monitor.example/',
      feed_url: 'https://monitor.example/feed.atom?a=1&b=2',
      authors: [{ name: 'trackerwatch' }],
      items: [
        {
          id: entry.id,
          url: entry.url,
          title: 'one',
          content_text: 'what happened',
          date_published: '2026-11-22T09:59:59.000Z',
          date_modified: '2026-11-22T10:00:00.000Z',
        },
      ],
    })
  })
})
