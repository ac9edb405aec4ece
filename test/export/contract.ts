import { expect, it } from 'vitest'
import type { ListFormat } from '../../src/export/format.js'
import { entryOf } from './entries.js'

export interface FormatContract {
  /** The document of an empty list. */
  readonly empty: string
  /** The URLs in a document, by a reader that is not ours. */
  readonly parse: (text: string) => string[]
  /** URLs that the format's readers cannot use, which it leaves out. */
  readonly without?: RegExp
}

/** What every list format keeps; a new one runs it in one line. */
export function formatContract(format: ListFormat, { empty, parse, without }: FormatContract): void {
  const urls = [
    'udp://b.example:6969/announce',
    'udp://a.example:80',
    'udp://[2001:db8::1]:1337/announce',
    'https://t.example:443/announce?x=1&y=%22',
    'wss://s.example:443/',
  ]

  it('renders the empty list as an empty document', () => {
    expect(format.render([])).toBe(empty)
    expect(parse(empty)).toEqual([])
  })

  it('gives the URLs back in the order of the list, each once', () => {
    const expected = urls.filter((url) => without === undefined || !without.test(url))
    expect(parse(format.render(urls.map((url) => entryOf(url))))).toEqual(expected)
  })

  it('is pure: the same entries give the same text', () => {
    const entries = urls.map((url) => entryOf(url))
    expect(format.render(entries)).toBe(format.render(entries))
  })

  it('has an extension with a dot, a content type and a title', () => {
    expect(format.extension).toMatch(/^\.[a-z0-9]+(?:\.[a-z0-9]+)?$/)
    expect(format.contentType).toMatch(/^(?:text\/[a-z]+; charset=utf-8|application\/json)/)
    expect(format.title).not.toBe('')
  })
}
