import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskText, maskUrl } from '../../src/tracker/mask.js'
import { parseTracker } from '../../src/tracker/tracker.js'

const key = '0123456789abcdef0123456789abcdef'

describe('maskUrl', () => {
  it.each([
    ['a passkey as a path segment', `https://t.example:443/${key}/announce`, 'https://t.example:443/***/announce'],
    ['a passkey as the last segment', `udp://t.example:6969/announce/${key}`, 'udp://t.example:6969/announce/***'],
    [
      'a passkey written as a UUID',
      'http://t.example:80/3f2b8c1e-9d47-4a6b-8e21-0c5d7f9a1b3c/a',
      'http://t.example:80/***/a',
    ],
    ['a base64url passkey', 'http://t.example:80/aB3_dE5-gH7_jK9-mN1p/announce', 'http://t.example:80/***/announce'],
    ['a secret parameter', 'http://t.example:80/a?passkey=abc&x=1', 'http://t.example:80/a?passkey=***&x=1'],
    [
      'a secret parameter in capitals',
      'http://t.example:80/a?x=1&PassKey=abc',
      'http://t.example:80/a?x=1&PassKey=***',
    ],
    ['a secret value under an unknown name', `http://t.example:80/a?zz=${key}`, 'http://t.example:80/a?zz=***'],
    ['a secret without a name', `http://t.example:80/announce.php?${key}`, 'http://t.example:80/announce.php?***'],
    ['the password of a user, and the user', 'https://me:s3cret@t.example:443/a', 'https://***@t.example:443/a'],
    ['a password with an @ inside', 'https://me:s3@cret@t.example:443/a', 'https://***@t.example:443/a'],
    ['a URL in capitals, as given', `HTTP://T.example/${key}/announce`, 'HTTP://T.example/***/announce'],
  ])('hides %s', (_, url, masked) => {
    expect(maskUrl(url)).toBe(masked)
  })

  it.each([
    'udp://tracker.example:6969/announce',
    'wss://tracker.example:443/',
    'http://a-host-with-a-very-long-name-0123456789.example:80/announce.php',
    'http://tracker.example:80/announce?x=1&y=on',
    'udp://[2001:db8::1]:6969',
    'http://tracker.example:80/some-long-name/announce',
  ])('leaves %s as it is', (url) => {
    expect(maskUrl(url)).toBe(url)
  })

  it('leaves no passkey of 16 letters and digits or more in any announce URL', () => {
    const secret = fc.stringMatching(/^[0-9A-Za-z]{16,40}$/)
    const around = fc.constantFrom(
      (hidden: string) => `https://t.example/${hidden}/announce`,
      (hidden: string) => `https://t.example/a/b/${hidden}?x=1`,
      (hidden: string) => `https://t.example/announce?passkey=${hidden}`,
      (hidden: string) => `https://t.example/announce?x=1&anything=${hidden}&y=2`,
      (hidden: string) => `https://user:${hidden}@t.example/announce`,
      (hidden: string) => `udp://t.example:1/${hidden}`,
    )
    fc.assert(
      fc.property(secret, around, (hidden, build) => {
        const url = parseTracker(build(hidden)).tracker?.url ?? ''
        expect(url).toContain(hidden)
        expect(maskUrl(url)).not.toContain(hidden)
      }),
    )
  })
})

describe('maskText', () => {
  const parts = (url: string) => {
    const { tracker } = parseTracker(url)
    if (tracker === undefined) throw new Error(`"${url}" is no tracker`)
    return tracker
  }

  it.each([
    ['a passkey of the path', `http://t.example/${key}/announce`, `unknown passkey ${key}!`, 'unknown passkey ***!'],
    ['a passkey of the query', 'http://t.example/a?pid=hunter2', 'pid hunter2 is banned', 'pid *** is banned'],
    ['a passkey without a name', `http://t.example/a?${key}`, `bad ${key}`, 'bad ***'],
    ['user and password', 'http://me:hunter2@t.example/a', 'no user me:hunter2, or hunter2', 'no user ***, or ***'],
    ['them as HTTP Basic sends them', 'http://me:hunter2@t.example/a', 'Basic bWU6aHVudGVyMg==?', 'Basic ***?'],
    ['a shorter one by its name', 'http://t.example/a?uk=1', 'no /a?uk=1&port=1, 1', 'no /a?uk=***&port=1, 1'],
    [
      'a short passkey that is a word by itself',
      'http://t.example/a?uk=abc',
      'no /a?uk=abc&port=1: abc is unknown',
      'no /a?uk=***&port=1: *** is unknown',
    ],
    ['a password as it was before percent-encoding', 'http://me:p%40ss@t.example/a', 'p@ss is wrong', '*** is wrong'],
    ['most of a passkey, where a text was cut', `http://t.example/${key}/a`, `no ${key.slice(0, -1)}`, 'no ***'],
    [
      'most of one in a quotation that was cut',
      `http://t.example/${key}/a`,
      `"GET /${key.slice(0, 9)}", not`,
      '"GET /***", not',
    ],
  ])('hides %s that a tracker repeats', (_, url, text, masked) => {
    expect(maskText(text, parts(url))).toBe(masked)
  })

  it.each([
    [{ 'X-Key': 'hunter2' }, 'no key hunter2, 1', 'no key ***, 1'],
    [{ Cookie: 'uid=1; pass=hunter2' }, 'no user uid=1; pass=hunter2', 'no user ***'],
    [{ Cookie: 'uid=1; pass=hunter2; c=d' }, 'user 1 with hunter2', 'user 1 with ***'],
    [{ Authorization: 'Bearer hunter2' }, 'no token hunter2', 'no token ***'],
    [{ Accept: 'a/b; q=1' }, '1 of 11 slots', '1 of 11 slots'],
  ])('hides what may be a secret of the headers %o', (headers, text, masked) => {
    expect(maskText(text, parts('http://t.example/a'), headers)).toBe(masked)
  })

  it.each([
    [
      'http://me:a@t.example/a',
      'no /a of me:a at http://me:a@t.example: bad password "a", again',
      'no /*** of *** at http://***@t.example: bad password "***", again',
    ],
    ['http://a@t.example/x', 'tracker at a@t.example is not available', 'tracker at ***@t.example is not available'],
    ['http://me:b1@t.example/a', 'b1, cab1n and b12: b1.', '***, cab1n and b12: ***.'],
    ['http://me:%C3%A4@t.example/a', 'ä für Bär, %C3%A4', '*** für Bär, ***'],
    ['http://x:.+@t.example/a', 'see a.b, .+ or x+y', 'see a.b, *** or x+y'],
    ['http://x:*@t.example/a', 'x:* is 2 * 3', '*** is 2 *** 3'],
  ])('hides a short password of %s where it is a word by itself, and no letter of other words', (url, text, masked) => {
    expect(maskText(text, parts(url))).toBe(masked)
  })

  it('hides every short password behind its user, in a sentence and in quotes, and changes no other word', () => {
    const letters = fc.stringMatching(/^[a-z0-9]{1,5}$/)
    const words = fc.array(fc.stringMatching(/^[A-Z]{6,9}$/), { maxLength: 5 })
    fc.assert(
      fc.property(letters, words, (password, others) => {
        const { path, userinfo } = parts(`http://USER:${password}@t.example/X`)
        const said = (secret: string, pair: string) => `${others.join(' ')} ${secret} "${secret}" HTTP://${pair}@HOST`
        const text = said(password, `USER:${password}`)
        expect(maskText(text, { path, userinfo })).toBe(said('***', '***'))
        const inside = others.map((word) => word + password + word).join(' ')
        expect(maskText(inside, { path, userinfo })).toBe(inside)
      }),
    )
  })

  it('leaves short values alone, which hide nothing and would make a message unreadable', () => {
    expect(maskText('1 of 11 slots', parts('http://t.example/a?key=1'))).toBe('1 of 11 slots')
  })
})
