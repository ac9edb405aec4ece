import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bracketed, parseTracker, type Tracker } from '../../src/tracker/tracker.js'

function parsed(text: string): Tracker {
  const { tracker, problem } = parseTracker(text)
  if (tracker === undefined) throw new Error(`"${text}": ${problem.code} ${problem.message}`)
  return tracker
}

const url = (text: string) => parsed(text).url
const code = (text: string) => parseTracker(text).problem?.code

describe('a tracker has one spelling', () => {
  it.each([
    [
      'folds the case of a udp host, which WHATWG keeps',
      'udp://Tracker.Example.COM:80/announce',
      'udp://tracker.example.com:80/announce',
    ],
    [
      'folds scheme and host and keeps the path',
      'HTTP://H.example/Announce?Key=A',
      'http://h.example:80/Announce?Key=A',
    ],
    ['keeps port 80 of udp', 'udp://h.example:80', 'udp://h.example:80'],
    ['writes the default port of http', 'http://h.example/a', 'http://h.example:80/a'],
    ['writes the default port of https', 'https://h.example/a', 'https://h.example:443/a'],
    ['writes the default port of ws', 'ws://h.example/a', 'ws://h.example:80/a'],
    ['writes the default port of wss and the path that every request has', 'wss://h.example', 'wss://h.example:443/'],
    ['reads a port with a leading zero as decimal', 'udp://h.example:08080', 'udp://h.example:8080'],
    ['keeps an IPv6 address in brackets', 'udp://[2001:DB8:0::1]:6969/announce', 'udp://[2001:db8::1]:6969/announce'],
    ['turns a Unicode host into punycode', 'udp://münchen.de:80', 'udp://xn--mnchen-3ya.de:80'],
    ['decodes a percent-encoded host', 'udp://%74racker.com:80', 'udp://tracker.com:80'],
    ['strips the dot at the end of a host', 'http://h.example./a', 'http://h.example:80/a'],
    ['accepts an underscore, which resolves in practice', 'udp://h_x.example:80', 'udp://h_x.example:80'],
    ['trims white space around', ' \tudp://h.example:80/a\r\n', 'udp://h.example:80/a'],
    ['puts a slash before a query without a path', 'http://h.example?x=1', 'http://h.example:80/?x=1'],
    ['puts a slash before a query of udp too', 'udp://h.example:80?x=1', 'udp://h.example:80/?x=1'],
    ['drops the fragment', 'http://h.example/a?b#c', 'http://h.example:80/a?b'],
    ['resolves dot segments of http', 'http://h.example/x/../a/%2e%2E/b?c=/../d', 'http://h.example:80/b?c=/../d'],
    ['sends dot segments of udp as given', 'udp://h.example:80/x/../a', 'udp://h.example:80/x/../a'],
    ['percent-encodes what is not ASCII in a path', 'http://h.example/ä', 'http://h.example:80/%C3%A4'],
    [
      'keeps a passkey in the path',
      'http://h.example/0123456789abcdef/announce',
      'http://h.example:80/0123456789abcdef/announce',
    ],
    ['drops an empty user', 'http://@h.example/a', 'http://h.example:80/a'],
    ['percent-encodes what is not ASCII in a user', 'http://jörg@h.example/a', 'http://j%C3%B6rg@h.example:80/a'],
    ['keeps user and password of http', 'http://me:s3cret@h.example/a', 'http://me:s3cret@h.example:80/a'],
  ])('%s', (_, given, canonical) => {
    expect(url(given)).toBe(canonical)
  })

  it.each([
    'udp://0x7f.1:80',
    'udp://2130706433:80',
    'udp://127.1:80',
    'udp://017700000001:80',
    'udp://１２７.0.0.1:80',
  ])('reads %s as 127.0.0.1, so that no spelling of an address slips past the policy for private ones', (given) => {
    expect(parsed(given).host).toBe('127.0.0.1')
  })

  it('keeps the same endpoint with another path apart', () => {
    expect(url('http://h.example/a/announce')).not.toBe(url('http://h.example/b/announce'))
  })

  it.each([22, 25, 53, 443])('accepts port %i, on which trackers do run', (port) => {
    expect(parsed(`udp://h.example:${port}`).port).toBe(port)
  })

  it.each(['retracker.local', 'localhost', 'host', 'x.onion', 'x.b32.i2p', '[200::1]', '10.0.0.1', '[::1]'])(
    'accepts %s: whether to probe it is decided later, by the policy for addresses',
    (host) => {
      expect(url(`http://${host}:80/a`)).toBe(`http://${host}:80/a`)
    },
  )

  it('takes the parts from the canonical form', () => {
    expect(parsed('WSS://me@[2001:DB8::1]/x?y#z')).toEqual({
      url: 'wss://me@[2001:db8::1]:443/x?y',
      scheme: 'wss',
      host: '2001:db8::1',
      port: 443,
      path: '/x?y',
      userinfo: 'me',
    })
  })

  it('puts an IPv6 host, and no other, in brackets', () => {
    expect(['2001:db8::1', '192.0.2.1', 'h.example'].map(bracketed)).toEqual([
      '[2001:db8::1]',
      '192.0.2.1',
      'h.example',
    ])
  })
})

describe('what is no tracker URL is named', () => {
  it.each([
    ['udp://h.example', 'url.missing_port'],
    ['udp://h.example/announce', 'url.missing_port'],
    ['udp://[2001:db8::1]', 'url.missing_port'],
    ['udp://h.example:0', 'url.bad_port'],
    ['udp://h.example:65536', 'url.bad_port'],
    ['udp://h.example:99999', 'url.bad_port'],
    ['udp://h.example:', 'url.bad_port'],
    ['http://h.example:/a', 'url.bad_port'],
    ['udp://h.example:+80', 'url.bad_port'],
    ['udp://h.example:-1', 'url.bad_port'],
    ['udp://h.example:8e1', 'url.bad_port'],
    ['udp://h.example:80a', 'url.bad_port'],
    ['udp://h.example:８０', 'url.bad_port'],
    ['udp://h.example: 80', 'url.bad_port'],
    ['udp://2001:db8::1:6969', 'url.bad_host'],
    ['udp://[fe80::1%25eth0]:80', 'url.bad_host'],
    ['udp://[fe80::1%eth0]:80', 'url.bad_host'],
    ['udp://[::1:80', 'url.bad_host'],
    ['udp://256.1.1.1:1', 'url.bad_host'],
    ['udp://a.b.c.1:2', 'url.bad_host'],
    ['udp://1.2.3.4.5:1', 'url.bad_host'],
    ['udp://a,b:80', 'url.bad_host'],
    ['udp://%zz.example:80', 'url.bad_host'],
    ['udp://h..x:80', 'url.bad_host'],
    ['udp://-h.example:80', 'url.bad_host'],
    ['http://h<x/a', 'url.bad_host'],
    [`http://${'a'.repeat(64)}.example/a`, 'url.bad_host'],
    [`http://${'a.'.repeat(127)}aa/a`, 'url.bad_host'],
    ['http:tracker.example/a', 'url.malformed'],
    ['http:/tracker.example/a', 'url.malformed'],
    ['http:///tracker.example/a', 'url.malformed'],
    ['http://h\\announce', 'url.malformed'],
    ['udp:tracker.example:80', 'url.malformed'],
    ['udp:///announce', 'url.malformed'],
    ['udp://:80', 'url.malformed'],
    ['udp://@:80', 'url.userinfo'],
    ['http://@/', 'url.malformed'],
    ['http://', 'url.malformed'],
    ['', 'url.malformed'],
    ['  \n', 'url.malformed'],
    ['http://h.example/a\tb', 'url.malformed'],
    ['http://h.exa\nmple/a', 'url.malformed'],
    ['http://h.example/a b', 'url.malformed'],
    ['http://h.example/\0', 'url.malformed'],
    ['tracker.example:80/announce', 'url.no_scheme'],
    ['tracker.example', 'url.no_scheme'],
    ['//tracker.example', 'url.no_scheme'],
    ['localhost:6969', 'url.no_scheme'],
    ['192.0.2.1:6969/announce', 'url.no_scheme'],
    ['dht://tracker.example', 'url.unsupported_scheme'],
    ['ftp://tracker.example/a', 'url.unsupported_scheme'],
    ['magnet:?xt=urn:btih:0', 'url.unsupported_scheme'],
    ['__proto__://h.example/', 'url.no_scheme'],
    ['constructor://h.example/', 'url.unsupported_scheme'],
    ['udp://me@h.example:80', 'url.userinfo'],
    ['udp://h.example:80/announceudp://i.example:80/announce', 'url.concatenated'],
    ['udp://h.example:80udp://i.example:80', 'url.concatenated'],
    [`http://h.example/${'a'.repeat(2048)}`, 'url.too_long'],
    [`http://h.example/${'ä'.repeat(400)}`, 'url.too_long'],
    [`udp://h.example:80/${'a'.repeat(1300)}`, 'url.too_long_for_udp'],
  ])('%j is %s', (given, expected) => {
    expect(code(given)).toBe(expected)
  })

  it('accepts an URL inside the query of another', () => {
    expect(url('http://h.example/a?back=http://i.example/')).toBe('http://h.example:80/a?back=http://i.example/')
  })

  it('says what was wrong and what was expected, briefly', () => {
    expect(parseTracker('udp://h.example:99999').problem?.message).toBe('port "99999", expected 1 to 65535')
    expect(parseTracker('ftp://h.example').problem?.message).toBe(
      'scheme "ftp", expected one of udp, http, https, ws, wss',
    )
    const long = parseTracker(`http://${'a'.repeat(2000)}/`).problem?.message ?? ''
    expect(long).toMatch(/^host "a+…" is not a valid DNS name$/)
    expect(long.length).toBeLessThan(150)
  })
})

describe('any text', () => {
  const piece = fc.constantFrom(
    ...[
      'udp',
      'http',
      'wss',
      ':',
      '//',
      '://',
      '[',
      ']',
      '::1',
      '@',
      '%',
      '%2e',
      '..',
      '/',
      '?',
      '#',
      '.',
      '0x7f',
      'ä',
      '。',
      '\\',
    ],
    ...[
      '80',
      '0',
      '65536',
      'h.example',
      'xn--',
      'xn--a',
      '-',
      '_',
      ' ',
      '\t',
      '\0',
      '\ud800',
      '﷽',
      '1.2.3.4',
      '%00',
      '%C3',
      ';',
      '＃',
    ],
  )
  const soup = fc
    .array(fc.oneof({ weight: 3, arbitrary: piece }, fc.string({ unit: 'binary', maxLength: 5 })))
    .map((all) => all.join(''))
  const likely = fc.tuple(fc.constantFrom('udp://', 'http://', 'HTTPS://', 'ws://'), soup).map((all) => all.join(''))

  it('gives a tracker or a problem', () => {
    fc.assert(
      fc.property(fc.oneof(soup, likely, fc.string({ unit: 'binary' })), (text) => {
        const { tracker, problem } = parseTracker(text)
        expect((tracker === undefined) !== (problem === undefined)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })

  it('that is a tracker has a canonical form, which is its own canonical form and ASCII', () => {
    fc.assert(
      fc.property(likely, (text) => {
        const { tracker } = parseTracker(text)
        if (tracker === undefined) return
        expect(parseTracker(tracker.url)).toEqual({ tracker })
        expect(tracker.url).toMatch(/^[\x21-\x7e]+$/)
      }),
      { numRuns: 20_000 },
    )
  })
})
