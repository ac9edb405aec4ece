import { describe, expect, it } from 'vitest'
import { query } from '../../src/index.js'
import type { Outcome } from '../../src/tracker/outcome.js'
import { answering, checkHttp, checkLocal, summary, using } from '../support/check-local.js'
import { type Bencodable, bencodeText, compactPeer6, compactPeers } from '../support/encode.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { expectEach } from '../support/variants.js'

const HASH = 'a2a15537542b22925ad10486bf7a8b2a9c42f0d1'
const PEER = '-TT0001-123456789012'
const peers = compactPeers('192.0.2.1:6881')
const peers6 = compactPeer6('20010db8000000000000000000000001', 6882)

type Fields = Readonly<Record<string, Bencodable>>

/** What a check of a given torrent, which may have peers, makes of this body. */
async function outcomeOf(body: Uint8Array | string): Promise<Outcome> {
  return (await checkHttp(answering(body), { infoHash: HASH })).outcome
}

/** The summary of a check where the usual answer has other or more fields. */
async function summaryOf(fields: Fields): Promise<string> {
  return summary(await outcomeOf(goodAnswer(fields)))
}

/** What the announce said, and the flags. */
async function announced(fields: Fields): Promise<unknown> {
  const outcome = await outcomeOf(bencodeText(fields))
  return outcome.kind === 'ok' ? { ...outcome.announce, flags: outcome.flags } : summary(outcome)
}

async function refused(fields: Fields): Promise<Outcome> {
  return outcomeOf(bencodeText({ 'failure reason': 'no', ...fields }))
}

describe('the peers in an HTTP answer', () => {
  it('H020 a plain compact answer is read', async () => {
    const body = Buffer.concat([
      Buffer.from('d8:completei1e10:incompletei0e8:intervali1800e5:peers6:'),
      Buffer.from('c00002011ae1', 'hex'),
      Buffer.from('e'),
    ])
    expect(await outcomeOf(body)).toEqual({
      kind: 'ok',
      announce: {
        intervalS: 1800,
        minIntervalS: null,
        seeders: 1,
        leechers: 0,
        peers: [{ ip: '192.0.2.1', port: 6881 }],
        peers6: null,
        warningMessage: null,
        trackerId: null,
        externalIp: null,
        extra: {},
      },
      flags: [],
    })
  })

  it('H021 a list of peers may name IPv4 and IPv6 addresses and hosts, without peer ids', async () => {
    const listed = [
      { ip: '192.0.2.1', port: 1, 'peer id': 'x'.repeat(20) },
      { ip: '2001:db8::1', port: 2 },
      { ip: '::ffff:192.0.2.1', port: 3 },
      { ip: 'peer.example', port: 4 },
    ]
    expect(await announced({ interval: 1800, peers: listed })).toMatchObject({
      peers: listed.map(({ ip, port }) => ({ ip, port })),
      flags: [],
    })
  })

  it('H022 IPv6 peers alone are an answer', async () => {
    expect(await announced({ interval: 1800, peers6 })).toMatchObject({
      peers: null,
      peers6: [{ ip: '2001:db8::1', port: 6882 }],
      flags: [],
    })
  })

  it('H023 both kinds of peers are kept apart', async () => {
    expect(await announced({ interval: 1800, peers, peers6 })).toMatchObject({
      peers: [{ port: 6881 }],
      peers6: [{ port: 6882 }],
      flags: [],
    })
  })

  it('H024 no list of peers at all is worth a note beside an interval', async () => {
    expect(await announced({ interval: 1800 })).toMatchObject({ peers: null, peers6: null, flags: ['no_peers_key'] })
  })

  it('H025 a list that is cut within an entry keeps its whole entries', () => {
    const entry = { ip: '101:101:101:101:101:101:101:101', port: 257 }
    return expectEach<Fields, unknown>(
      {
        'peers of 7 bytes': [
          { interval: 60, peers: Buffer.alloc(7, 1) },
          expect.objectContaining({ peers: [{ ip: '1.1.1.1', port: 257 }], flags: ['peers_misaligned'] }),
        ],
        'peers6 of 19 bytes': [
          { interval: 60, peers6: Buffer.alloc(19, 1) },
          expect.objectContaining({ peers6: [entry], flags: ['peers6_misaligned'] }),
        ],
      },
      announced,
    )
  })

  it('H026 peers that are no list have the wrong type', () =>
    expectEach<Bencodable, string>(
      { 'an integer': [5, 'ok type_peers'], 'a dictionary': [{ ip: '192.0.2.1' }, 'ok type_peers'] },
      (wrong) => summaryOf({ peers: wrong }),
    ))

  it('H027 one bad entry of a list is passed over', () => {
    const kept = { ip: '192.0.2.2', port: 80 }
    const expected = expect.objectContaining({ peers: [kept], flags: ['peers_skipped'] })
    return expectEach<Bencodable, unknown>(
      {
        'port −1': [{ ip: '192.0.2.1', port: -1 }, expected],
        'port 65536': [{ ip: '192.0.2.1', port: 65_536 }, expected],
        'no address': [{ port: 80 }, expected],
        'no dictionary': [5, expected],
      },
      (bad) => announced({ interval: 1800, peers: [bad, kept] }),
    )
  })

  it('H028 a list of bad entries alone is degraded', async () => {
    const bad = { ip: '192.0.2.1', port: -1 }
    expect(await summaryOf({ peers: [bad, bad] })).toBe('ok peers_all_invalid')
  })
})

describe('the interval in an HTTP answer', () => {
  it('H029 an interval that cannot be meant is said to be so', () => {
    const found = (intervalS: number | null, flag: string) => expect.objectContaining({ intervalS, flags: [flag] })
    return expectEach<Fields, unknown>(
      {
        missing: [{}, found(null, 'interval_missing')],
        negative: [{ interval: -1 }, found(null, 'interval_invalid')],
        'a string of digits': [{ interval: '1800' }, found(1800, 'type_interval')],
        'a word': [{ interval: 'soon' }, found(null, 'type_interval')],
        zero: [{ interval: 0 }, found(0, 'interval_zero')],
        'five seconds': [{ interval: 5 }, found(5, 'interval_low')],
        'more than a day': [{ interval: 86_401 }, found(86_401, 'interval_high')],
        '10^12': [{ interval: 10 ** 12 }, found(null, 'interval_invalid')],
      },
      (fields) => announced({ peers: '', ...fields }),
    )
  })
})

describe('the refusal in an HTTP answer', () => {
  it('H030 a failure reason refuses, and its words tell the class', () =>
    expectEach<string, string>(
      {
        passkey: ['Invalid passkey', 'rejected auth "Invalid passkey"'],
        whitelist: [
          'Requested download is not authorized for use with this tracker.',
          'rejected not_registered "Requested download is not authorized for use with this tracker."',
        ],
        client: ['Client banned', 'rejected client_banned "Client banned"'],
        anything: ['No.', 'rejected other "No."'],
      },
      async (reason) => summary(await refused({ 'failure reason': reason })),
    ))

  it('H031 a failure reason beside an interval and peers refuses, and the interval is to be kept', async () => {
    const outcome = await refused({ interval: 900, peers, complete: 1 })
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'other', message: 'no', retryAfterS: 900, flags: [] })
  })

  it('H032 an empty failure reason refuses', async () => {
    expect(summary(await refused({ 'failure reason': '' }))).toBe('rejected other "(empty)"')
  })

  it('H033 a failure reason of another type refuses', () =>
    expectEach<Bencodable, string>(
      {
        'an integer': [5, 'rejected other "5" failure_reason_type'],
        'a list': [['banned'], 'rejected other "(list)" failure_reason_type'],
      },
      async (reason) => summary(await refused({ 'failure reason': reason })),
    ))

  it('H034 a failure reason that is not UTF-8 is read lossily, and its bytes are kept for who knows better', async () => {
    const windows1251 = Buffer.from('cde5f2', 'hex')
    const gbk = Buffer.from('d7a2b2e1', 'hex')
    const long = Buffer.alloc(1000, 0xff)
    await expectEach<Uint8Array | string, unknown>(
      {
        'windows-1251': [windows1251, ['\ufffd\ufffd\ufffd', 'cde5f2']],
        GBK: [gbk, [gbk.toString('utf8'), 'd7a2b2e1']],
        long: [long, ['\ufffd'.repeat(200), 'ff'.repeat(200)]],
        'UTF-8': ['Нет', ['Нет', undefined]],
        'our own passkey among other bytes': [
          Buffer.concat([windows1251, Buffer.from(' 0123456789abcdef')]),
          ['\ufffd\ufffd\ufffd ***', undefined],
        ],
      },
      (reason) =>
        using(startHttpTracker(answering(bencodeText({ 'failure reason': reason }))), async ({ url }) => {
          const { outcome } = await checkLocal(`${url}?passkey=0123456789abcdef`)
          return outcome.kind === 'rejected' ? [outcome.message, outcome.rawMessageHex] : outcome
        }),
    )
    const answer = await using(startHttpTracker(answering(bencodeText({ 'failure reason': windows1251 }))), ({ url }) =>
      query(url, HASH, PEER),
    )
    expect(answer).toEqual({ failureReason: '\ufffd\ufffd\ufffd', failureReasonHex: 'cde5f2' })
  })

  it('H036 retry in is heeded where it can be meant (BEP 31)', () => {
    const found = (code: string, retryAfterS: number | null, ...flags: readonly string[]) =>
      expect.objectContaining({ kind: 'rejected', code, retryAfterS, flags })
    return expectEach<Bencodable, unknown>(
      {
        minutes: [5, found('other', 300)],
        'minutes as text': ['5', found('other', 300)],
        never: ['never', found('gone', null)],
        'a negative number': [-1, found('other', null, 'retry_in_invalid')],
        'a word': ['x', found('other', null, 'retry_in_invalid')],
      },
      (retryIn) => refused({ 'retry in': retryIn }),
    )
  })
})

describe('what else an HTTP answer may carry', () => {
  it('H035 a warning is kept and noted', async () => {
    const outcome = await outcomeOf(goodAnswer({ 'warning message': 'Torrent not registered' }))
    expect(summary(outcome)).toBe('ok tracker_warning')
    expect(outcome).toMatchObject({ announce: { warningMessage: 'Torrent not registered' } })
  })

  it('H037 our own address is read where it has the length of one (BEP 24)', () => {
    const found = (externalIp: string | null, ...flags: readonly string[]) =>
      expect.objectContaining({ externalIp, flags })
    return expectEach<Bencodable, unknown>(
      {
        '4 bytes': [Buffer.from('c0000207', 'hex'), found('192.0.2.7')],
        '16 bytes': [Buffer.from('20010db8000000000000000000000007', 'hex'), found('2001:db8::7')],
        '5 bytes': [Buffer.alloc(5), found(null, 'external_ip_length')],
        'a list': [[192, 0, 2, 7], found(null, 'external_ip_length')],
      },
      (ip) => announced({ interval: 1800, peers: '', 'external ip': ip }),
    )
  })
})
