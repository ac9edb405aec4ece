import { describe, expect, it } from 'vitest'
import { matchesTarget, parseTargetPattern } from '../../src/tracker/target-pattern.js'
import { parseTracker } from '../../src/tracker/tracker.js'

function matches(pattern: string, url: string): boolean {
  const parsed = parseTargetPattern(pattern)
  if (typeof parsed === 'string') throw new Error(parsed)
  const { tracker } = parseTracker(url)
  if (tracker === undefined) throw new Error(`${url} does not parse`)
  return matchesTarget(tracker, parsed)
}

describe('a pattern of targets', () => {
  it.each([
    ['udp://tracker.example.org:6969/announce', 'udp://tracker.example.org:6969/announce'],
    ['UDP://Tracker.Example.ORG:6969/announce', 'udp://tracker.example.org:6969/announce'],
    ['udp://*.example.org:6969/announce', 'udp://a.b.example.org:6969/announce'],
    ['https://tracker.example.net', 'https://tracker.example.net/x/announce?passkey=1'],
    ['https://tracker.example.net', 'https://tracker.example.net:8443/'],
    ['*://tracker.example.net:*/announce*', 'wss://tracker.example.net/announce?x=/y'],
    ['http*://t.example.org/*/announce', 'https://t.example.org/a/b/announce'],
    ['udp://[2001:db8::1]:80', 'udp://[2001:db8::1]:80/announce'],
    ['udp://[2001:db8:*]', 'udp://[2001:db8::2]:80/announce'],
    ['https://tracker.example.net', 'https://user:pass@tracker.example.net/announce'],
  ])('%s matches %s', (pattern, url) => expect(matches(pattern, url)).toBe(true))

  it.each([
    ['udp://*.example.org', 'udp://example.org:80'],
    ['udp://*.example.org', 'http://a.example.org'],
    ['udp://*.example.org:6969', 'udp://a.example.org:6970'],
    ['udp://a*.example.org', 'udp://x.example.org:1'],
    ['https://*.example.org', 'https://evil.net/x.example.org'],
    ['https://*.example.org', 'https://evil.net/?.example.org'],
    ['https://*.example.org', 'https://x.example.org:1@evil.net/'],
    ['https://*.example.org:443/announce', 'https://a.example.org.evil.net:443/announce'],
    ['https://t.example.org/announce', 'https://t.example.org/announce/'],
    ['https://t.example.org/a*a', 'https://t.example.org/a'],
    ['udp://a*b*b.org', 'udp://ab.org:1'],
  ])('%s does not match %s', (pattern, url) => expect(matches(pattern, url)).toBe(false))

  it('takes no longer for a path made against it', () => {
    const path = 'a'.repeat(1900)
    expect(matches(`http://t.example.org/${'a*'.repeat(900)}b`, `http://t.example.org/${path}`)).toBe(false)
  })

  it.each([
    ['tracker.example.org', 'no pattern of announce URLs'],
    ['*', 'no pattern of announce URLs'],
    ['udp://', 'no pattern of announce URLs'],
    ['udp://user:pass@host', 'no pattern of announce URLs'],
    ['udp://host:port', 'no pattern of announce URLs'],
    ['udp://host/a b', 'no pattern of announce URLs'],
    ['ftp://host', 'pattern of scheme "ftp"'],
    [`udp://${'a'.repeat(2050)}`, 'pattern of 2056 characters'],
  ])('is not %s', (text, problem) => expect(parseTargetPattern(text)).toContain(problem))
})
