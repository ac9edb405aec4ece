import { describe, expect, it } from 'vitest'
import { query } from '../../src/index.js'
import { answering, checkHttp, summary, using } from '../support/check-local.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { expectEach, type Variants } from '../support/variants.js'

const HASH = 'a2a15537542b22925ad10486bf7a8b2a9c42f0d1'
const PEER = '-TT0001-123456789012'
const good = goodAnswer().toString('latin1')

/** Bytes as latin1 text. */
async function summaryOf(body: string): Promise<string> {
  return summary((await checkHttp(answering(Buffer.from(body, 'latin1')))).outcome)
}

function expectSummaries(variants: Variants<string, string>): Promise<void> {
  return expectEach(variants, summaryOf)
}

async function detailOf(body: string): Promise<string> {
  const { outcome } = await checkHttp(answering(body))
  return outcome.kind === 'failed' ? `${outcome.reason} ${outcome.code}: ${outcome.detail}` : summary(outcome)
}

/** What a query, which passes on every field, makes of this body. */
function answerTo(body: string): Promise<object> {
  return using(startHttpTracker(answering(Buffer.from(body, 'latin1'))), ({ url }) => query(url, HASH, PEER))
}

describe('an HTTP body that is no tracker’s', () => {
  it('H038 an empty dictionary says nothing that a tracker says', async () => {
    expect(await summaryOf('de')).toBe('failed tracker.unrecognized_reply in transfer')
  })

  it('H039 bencode that is no dictionary is no answer', () => {
    const expected = 'failed bencode.not_dict in transfer'
    return expectSummaries({
      'a list': ['le', expected],
      'an integer': ['i1e', expected],
      'a byte string': ['4:spam', expected],
    })
  })

  it('H040 an empty body is no answer', async () => {
    expect(await detailOf('')).toBe('not_a_tracker http.empty: empty body of 0 bytes')
  })

  it('H041 a web page is quoted by its title', async () => {
    expect(await detailOf('<!doctype html><html><head><title>Domain for sale</title>')).toBe(
      'not_a_tracker http.not_a_tracker: HTML page "Domain for sale", expected a bencoded dictionary',
    )
  })

  it('H042 JSON is quoted by its beginning', async () => {
    expect(await detailOf('{"ok":true}')).toBe(
      'not_a_tracker http.not_a_tracker: JSON "{"ok":true}", expected a bencoded dictionary',
    )
  })

  it('H043 the content type does not matter', async () => {
    const { outcome } = await checkHttp(answering(good, { 'Content-Type': 'text/html' }))
    expect(summary(outcome)).toBe('ok')
  })
})

describe('what stands around the dictionary of an HTTP answer', () => {
  it('H044 anything in front of it is garbage that clients fail on', () => {
    const expected = 'failed bencode.leading_garbage in transfer'
    return expectSummaries({
      'a byte order mark': [`\xef\xbb\xbf${good}`, expected],
      'a line break': [`\r\n${good}`, expected],
      'a PHP notice': [`<br />\n<b>Notice</b>: Undefined index: x in /y.php on line 5<br />\n${good}`, expected],
    })
  })

  it('H045 a line break behind it is fine', async () => {
    expect(await summaryOf(`${good}\r\n`)).toBe('ok')
  })

  it('H046 a key behind it is data that strict clients fail on', async () => {
    expect(await summaryOf(`${good}6:peers60:`)).toBe('ok bencode.trailing_data')
  })

  it('H047 a dictionary that is cut off, by its length too, is truncated', async () => {
    expect(await summaryOf(good.slice(0, -3))).toBe('failed bencode.truncated in transfer')
  })
})

describe('the keys of an HTTP answer', () => {
  it('H048 they need not be sorted', async () => {
    expect(await summaryOf('d5:peers0:8:intervali1800ee')).toBe('ok bencode.unsorted')
  })

  it('H049 of two alike the first counts', async () => {
    const { outcome } = await checkHttp(answering('d8:intervali1800e8:intervali60e5:peers0:e'))
    expect(outcome).toMatchObject({ kind: 'ok', announce: { intervalS: 1800 }, flags: ['bencode.duplicate_key'] })
  })

  it('H050 a failure reason counts wherever it stands', () =>
    expectSummaries({
      'in front': ['d14:failure reason2:no8:intervali60e5:peers0:e', 'rejected other "no"'],
      'at the end': ['d8:intervali60e5:peers0:14:failure reason2:noe', 'rejected other "no" bencode.unsorted'],
      'behind peers that come twice': [
        'd5:peers0:5:peers0:14:failure reason2:noe',
        'rejected other "no" bencode.duplicate_key bencode.unsorted',
      ],
      twice: ['d14:failure reason2:no14:failure reason3:yese', 'rejected other "no" bencode.duplicate_key'],
    }))

  it('H055 names of properties that every object has are keys like others', async () => {
    const names = ['__proto__', 'constructor', 'toString']
    const refusal = 'd14:failure reason3:abce'
    const body = `d${names.map((name) => `${name.length}:${name}${refusal}`).join('')}8:intervali60e5:peers0:e`
    const answer = await answerTo(body)
    expect(answer).toMatchObject({ interval: 60, peers: [] })
    expect('failureReason' in answer).toBe(false)
    const { extra } = { extra: undefined, ...answer }
    expect(Object.getPrototypeOf(extra)).toBe(Object.prototype)
    expect(Object.keys(extra ?? {})).toEqual(['constructor', 'toString'])
    expect(await summaryOf(body)).toBe('ok bencode.unsorted')
  })

  it('H056 keys that are not UTF-8, or differ in a byte order mark, are kept apart and say nothing', async () => {
    const body = 'd11:\xef\xbb\xbfintervali5e8:intervali1800e5:peers0:2:\xff\xfei1e4:fffei2ee'
    expect(await answerTo(body)).toMatchObject({
      interval: 1800,
      extra: { '\xef\xbb\xbfinterval': 5, '\xff\xfe': 1, fffe: 2 },
    })
    expect(await summaryOf(body)).toBe('ok bencode.unsorted')
  })
})

describe('the values of an HTTP answer', () => {
  it('H051 numbers with leading zeros or a negative zero are read, with a flag', () =>
    expectSummaries({
      'a leading zero': ['d8:intervali01800e5:peers0:e', 'ok bencode.noncanonical_int'],
      'a negative zero': ['d8:completei-0e8:intervali1800e5:peers0:e', 'ok bencode.noncanonical_int'],
    }))

  it('H052 negative lengths, which hang a naive decoder, are invalid', () => {
    const expected = 'failed bencode.invalid in transfer'
    return expectSummaries({
      'in a list': ['l-3:e', expected],
      'of a value': ['d1:a-3:e', expected],
      'of a key': ['d-3:i1ee', expected],
    })
  })

  it('H053 a million nested lists are too deep, as are 40, and no stack overflows', () => {
    const nested = (depth: number): string => `d8:intervali60e5:peers0:1:x${'l'.repeat(depth)}${'e'.repeat(depth)}e`
    const expected = 'failed bencode.limit in transfer'
    return expectSummaries({
      'a million': ['l'.repeat(1_000_000), expected],
      '40': [nested(40), expected],
      '20': [nested(20), 'ok'],
    })
  })

  it('H054 a length that no body has is invalid', () => {
    const expected = 'failed bencode.invalid in transfer'
    return expectSummaries({
      '20 digits': ['99999999999999999999:abc', expected],
      '400 digits': [`${'9'.repeat(400)}:abc`, expected],
      'inside a dictionary': ['d8:interval99999999999999999999:abce', expected],
    })
  })

  it('H057 a number beyond all intervals makes the interval invalid, one beyond 20 digits the whole answer', () =>
    expectSummaries({
      '2^63': [`d8:intervali${2n ** 63n}e5:peers0:e`, 'ok interval_invalid'],
      '2^64': [`d8:intervali${2n ** 64n}e5:peers0:e`, 'ok interval_invalid'],
      '30 digits': [`d8:intervali${'1'.repeat(30)}e5:peers0:e`, 'failed bencode.invalid in transfer'],
    }))

  it('H058 a list of half a million empty strings is too much', async () => {
    const body = `d8:intervali60e5:peersl${'0:'.repeat(524_250)}ee`
    expect(body.length).toBeGreaterThan(1_048_500)
    expect(await summaryOf(body)).toBe('failed bencode.limit in transfer')
  })
})
