import { describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import type { CheckTrackerOptions } from '../../src/probe/check-trackers.js'
import { startBittorrentTracker } from '../support/bittorrent-tracker.js'
import { checkLocal, SHORT_MS, summary, using } from '../support/check-local.js'
import { expectEach } from '../support/variants.js'
import { infoHashOf, startRawWs, startWsTracker, wsAnswer, wsFrame } from '../support/ws-tracker.js'

/** The summary of a check of a tracker that answers the announce with these messages. */
function messagesOf(messages: (text: string) => readonly string[], options: CheckTrackerOptions = {}): Promise<string> {
  const respond = (socket: WebSocket, text: string): void => {
    for (const message of messages(text)) socket.send(message)
  }
  return using(startWsTracker(respond), async ({ url }) => summary((await checkLocal(url, options)).outcome))
}

/** The same for one that answers as usual, but for these changes, in as many messages. */
function changedBy(changes: readonly object[], options: CheckTrackerOptions = {}): Promise<string> {
  return messagesOf((text) => changes.map((change) => wsAnswer(text, change)), options)
}

/** The same for frames written by hand. */
function framesOf(frames: (text: string) => readonly Buffer[]): Promise<string> {
  const write = startRawWs((socket, text) => void socket.write(Buffer.concat(frames(text))))
  return using(write, async ({ url }) => summary((await checkLocal(url)).outcome))
}

const relayedOffer = {
  interval: undefined,
  complete: undefined,
  incomplete: undefined,
  peer_id: 'x'.repeat(20),
  offer: { type: 'offer', sdp: 'v=0' },
  offer_id: 'x'.repeat(20),
}

describe('a WebSocket tracker that answers', () => {
  it('W001 the reference server is fine with an announce without offers', async () => {
    await using(startBittorrentTracker(), async ({ ws }) => {
      const { outcome, probes } = await checkLocal(ws)
      const announce = { intervalS: expect.any(Number), seeders: 0, leechers: 1 }
      expect(outcome).toMatchObject({ kind: 'ok', announce })
      expect(summary(outcome)).toBe('ok')
      expect(Object.keys(probes[0]?.phases ?? {})).toEqual(['connect', 'ws_upgrade', 'ws_reply'])
    })
    await using(
      startWsTracker((socket, text) => socket.send(wsAnswer(text))),
      async ({ url, received }) => {
        await checkLocal(url)
        expect(JSON.parse(received[0] ?? '')).toMatchObject({ action: 'announce', event: 'started', offers: [] })
      },
    )
  })

  it('W002 an info hash of any bytes travels as 20 characters and is known again', async () => {
    const hashes = Array.from({ length: 13 }, (_, row) =>
      Uint8Array.from({ length: 20 }, (__, column) => Math.min(0xff, 20 * row + column)),
    )
    await using(
      startWsTracker((socket, text) => socket.send(wsAnswer(text))),
      async ({ url, received }) => {
        const checks = await Promise.all(hashes.map((infoHash) => checkLocal(url, { infoHash })))
        expect(new Set(checks.map(({ outcome }) => summary(outcome)))).toEqual(new Set(['ok']))
        expect(new Set(received.map(infoHashOf))).toEqual(
          new Set(hashes.map((infoHash) => Buffer.from(infoHash).toString('latin1'))),
        )
      },
    )
  })

  it('W003 the answer for another torrent is passed over', async () => {
    expect(await changedBy([{ info_hash: 'x'.repeat(20), interval: -1 }, {}])).toBe('ok')
  })

  it('W004 an offer of a peer is passed over', async () => {
    expect(await changedBy([relayedOffer, {}])).toBe('ok')
  })

  it('W005 a refusal without action and info hash is the answer', async () => {
    const refusal = '{"failure reason":"Invalid request"}'
    expect(await messagesOf(() => [refusal])).toBe('rejected bad_request "Invalid request"')
  })

  it('W006 a refusal with both is the answer', async () => {
    const refusal = await changedBy([{ 'failure reason': 'unregistered torrent' }])
    expect(refusal).toBe('rejected not_registered "unregistered torrent"')
  })

  it('W007 a warning is noted, with its text', () =>
    using(
      startWsTracker((socket, text) => socket.send(wsAnswer(text, { 'warning message': 'soon over' }))),
      async ({ url }) => {
        const { outcome } = await checkLocal(url)
        expect(summary(outcome)).toBe('ok tracker_warning')
        expect(outcome).toMatchObject({ announce: { warningMessage: 'soon over' } })
      },
    ))

  it('W008 numbers without an interval are an answer that lacks it', async () => {
    expect(await changedBy([{ interval: undefined }])).toBe('ok interval_missing')
  })

  it('W009 an interval of the wrong type or sign is flagged', () =>
    expectEach<object, string>(
      {
        text: [{ interval: '120' }, 'ok type_interval'],
        'no number': [{ interval: 'soon' }, 'ok type_interval'],
        negative: [{ interval: -1 }, 'ok interval_invalid'],
      },
      (change) => changedBy([change]),
    ))

  it('W010 an unusable info hash is passed over, and is the fault where nothing else comes', async () => {
    const unusable = {
      '19 characters': { info_hash: 'x'.repeat(19) },
      '21 characters': { info_hash: 'x'.repeat(21) },
      'beyond U+00FF': { info_hash: '\u0100'.repeat(20) },
      missing: { info_hash: undefined },
      'a number': { info_hash: 5 },
    }
    const found = await Promise.all(
      Object.entries(unusable).map(async ([name, change]) => {
        const first = changedBy([change, {}])
        return [name, await first, await changedBy([change], { timeoutMs: SHORT_MS })]
      }),
    )
    const expected = Object.keys(unusable).map((name) => [name, 'ok', 'failed ws.bad_message in ws_reply'])
    expect(found).toEqual(expected)
  })

  it('W011 what is no JSON object is no answer of a tracker', () => {
    const failed = 'failed ws.bad_json in ws_reply'
    return expectEach<string, string>(
      {
        array: ['[]', failed],
        string: ['"text"', failed],
        null: ['null', failed],
        invalid: ['{"action":', failed],
        empty: ['', failed],
      },
      (message) => messagesOf(() => [message]),
    )
  })

  it('W012 JSON in a binary frame is understood', async () => {
    expect(await framesOf((text) => [wsFrame(0x82, wsAnswer(text))])).toBe('ok')
  })

  it('W013 a text in fragments is understood', async () => {
    const inThree = (text: string): readonly Buffer[] => {
      const answer = wsAnswer(text)
      return [wsFrame(0x01, answer.slice(0, 9)), wsFrame(0x00, answer.slice(9, 30)), wsFrame(0x80, answer.slice(30))]
    }
    expect(await framesOf(inThree)).toBe('ok')
  })

  it('W014 a ping is answered, and the answer behind it understood', () =>
    using(
      startWsTracker((socket, text) => {
        socket.once('pong', (data) => socket.send(wsAnswer(text, { complete: data.length })))
        socket.ping('hello')
      }),
      async ({ url }) => {
        const { outcome } = await checkLocal(url)
        expect(outcome).toMatchObject({ kind: 'ok', announce: { seeders: 5 } })
      },
    ))

  it('W029 a key __proto__ has no effect', async () => {
    const withKey = (text: string): string => wsAnswer(text).replace('{', '{"__proto__":{"failure reason":"x"},')
    expect(await messagesOf((text) => [withKey(text)])).toBe('ok')
    expect({}).not.toHaveProperty('failure reason')
  })
})
