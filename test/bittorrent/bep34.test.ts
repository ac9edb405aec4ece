import { describe, expect, it } from 'vitest'
import { judgeBep34, parseBep34 } from '../../src/bittorrent/bep34.js'
import { parseTracker } from '../../src/tracker/tracker.js'

/** `udp 1337, tcp 80`; `none` for a record without entries, null where there is no record. */
function entries(...records: readonly (string | readonly string[])[]): string | null {
  const record = parseBep34(records.map((chunks) => (typeof chunks === 'string' ? [chunks] : chunks)))
  if (record === null) return null
  return record.entries.map(({ protocol, port }) => `${protocol} ${port}`).join(', ') || 'none'
}

function verdict(record: string | null, url: string): string {
  const { tracker } = parseTracker(url)
  if (tracker === undefined) throw new Error(`${url} is no tracker`)
  const judged = judgeBep34(record === null ? null : parseBep34([[record]]), tracker)
  if (judged.kind !== 'port_not_listed') return judged.kind
  return `not listed: ${judged.suggested.map(({ protocol, port }) => `${protocol} ${port}`).join(', ')}`
}

describe('a TXT record', () => {
  it.each<[string, string | readonly string[], string | null]>([
    ['that is one word lists nothing (D030)', 'BITTORRENT', 'none'],
    ['with words that mean nothing lists nothing (D031)', 'BITTORRENT DENY ALL', 'none'],
    ['lists ports in the order of preference (D032)', 'BITTORRENT UDP:1337 TCP:80', 'udp 1337, tcp 80'],
    ['may prefer TCP', 'BITTORRENT TCP:80 UDP:1337', 'tcp 80, udp 1337'],
    ['is one text, however it is cut (D033)', ['BITTORRENT UDP:13', '37 TCP:80'], 'udp 1337, tcp 80'],
    ['is one text, cut within its first word too (D033)', ['BIT', 'TORRENT', ' UDP:1'], 'udp 1'],
    ['may have more than one space between words', 'BITTORRENT  UDP:1   TCP:2 ', 'udp 1, tcp 2'],
    ['says a port once', 'BITTORRENT UDP:1 TCP:1 UDP:1', 'udp 1, tcp 1'],
    ['is judged by its good words (D035)', 'BITTORRENT udp:1 UDP:0 UDP:99999 UDP:+80 UDP: TCP:80', 'tcp 80'],
    ['knows no other numbers', 'BITTORRENT UDP:-1 UDP:1.5 UDP:1e3 UDP:0x50 UDP:٣ UDP:80, SCTP:80 UDP:65536', 'none'],
    ['has ports up to the last', 'BITTORRENT UDP:1 UDP:65535', 'udp 1, udp 65535'],
    [`has no port beyond all measure`, `BITTORRENT UDP:${'9'.repeat(400)} UDP:7`, 'udp 7'],
    ['in small letters is none (D034)', 'bittorrent UDP:1', null],
    ['behind a space is none (D034)', ' BITTORRENT UDP:1', null],
    ['with a longer first word is none (D034)', 'BITTORRENTX UDP:1', null],
    ['with a tab for a space is none', 'BITTORRENT\tUDP:1', null],
    ['that is empty is none', '', null],
    ['without any text is none', [], null],
  ])('%s', (_, record, expected) => {
    expect(entries(record)).toBe(expected)
  })

  it('of fifty ports counts with its first ten (D038)', () => {
    const ports = Array.from({ length: 50 }, (_, index) => index + 1)
    const expected = 'udp 1, udp 2, udp 3, udp 4, udp 5, udp 6, udp 7, udp 8, udp 9, udp 10'
    expect(entries(`BITTORRENT ${ports.map((port) => `UDP:${port}`).join(' ')}`)).toBe(expected)
  })

  it('of 64 kB of anything is none (D040)', () => {
    const chunks = Array.from({ length: 256 }, (_, index) => String.fromCharCode(index).repeat(255))
    expect(entries(chunks)).toBeNull()
    expect(entries(['BITTORRENT ', ...chunks])).toBe('none')
  })
})

describe('several TXT records', () => {
  it('without one for BitTorrent say nothing', () => {
    expect(entries()).toBeNull()
    expect(entries('v=spf1 -all', 'google-site-verification=x')).toBeNull()
  })

  it('are looked through for the one for BitTorrent (D036)', () => {
    expect(entries('v=spf1 -all', 'BITTORRENT UDP:1')).toBe('udp 1')
    expect(parseBep34([['v=spf1 -all'], ['BITTORRENT UDP:1']])).toMatchObject({ records: 1 })
  })

  it('for BitTorrent count together (D037)', () => {
    expect(entries('BITTORRENT UDP:1', 'BITTORRENT TCP:2 UDP:1')).toBe('udp 1, tcp 2')
    expect(entries('BITTORRENT', 'BITTORRENT UDP:1')).toBe('udp 1')
    expect(entries('BITTORRENT', 'BITTORRENT DENY ALL')).toBe('none')
    expect(parseBep34([['BITTORRENT UDP:1'], ['BITTORRENT TCP:2']])).toMatchObject({ records: 2 })
  })
})

describe('a tracker', () => {
  const LIST = 'BITTORRENT UDP:1337 TCP:80 TCP:443'
  it.each([
    ['may be where no record says anything', null, 'udp://t.example:1/announce', 'allowed'],
    ['may be where another kind of record is', 'v=spf1 -all', 'udp://t.example:1/announce', 'allowed'],
    ['is denied by an empty list (D030)', 'BITTORRENT', 'udp://t.example:1/announce', 'denied'],
    ['is denied by DENY ALL (D031)', 'BITTORRENT DENY ALL', 'https://t.example/announce', 'denied'],
    ['may be at a listed UDP port (D032)', LIST, 'udp://t.example:1337/announce', 'allowed'],
    ['may be at a listed TCP port (D032)', LIST, 'http://t.example:80/announce', 'allowed'],
    [
      'has to be of the listed protocol (D032)',
      LIST,
      'udp://t.example:80/announce',
      'not listed: udp 1337, tcp 80, tcp 443',
    ],
    ['has the default port of HTTP', LIST, 'http://t.example/announce', 'allowed'],
    ['has the default port of HTTPS', LIST, 'https://t.example/announce', 'allowed'],
    ['has the default port of WebSocket', LIST, 'ws://t.example/', 'allowed'],
    ['has the default port of secure WebSocket', LIST, 'wss://t.example/', 'allowed'],
    ['has to be at a listed port', 'BITTORRENT TCP:80', 'wss://t.example/', 'not listed: tcp 80'],
  ])('%s', (_, record, url, expected) => {
    expect(verdict(record, url)).toBe(expected)
  })
})
