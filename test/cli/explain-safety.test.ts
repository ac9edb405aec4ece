import { describe, expect, it } from 'vitest'
import { udp } from '../support/encode.js'
import { goodAnswer, httpAnswer, startHttpTracker, startRawTcp } from '../support/http-tracker.js'
import { CONNECTION_ID } from '../support/udp-tracker.js'
import { startWsTracker, wsAnswer } from '../support/ws-tracker.js'
import { explain, started } from './explain-run.js'
import { refusing, run, tracker } from './support.js'

const PASSKEY = '0123456789abcdefSECRET'
/** What a terminal would obey, or what reorders a line. */
const UNSAFE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/

/** Both outputs of an explained check. */
async function both(url: string, ...flags: readonly string[]): Promise<string> {
  const text = await explain(url, ...flags)
  const json = await explain(url, '--json', ...flags)
  return `${text.stdout}\n${json.stdout}`
}

describe('a passkey', () => {
  it('is masked in the options of a UDP announce, and where the tracker repeats it', async () => {
    const url = await tracker({ announce: refusing(`no torrent for ${PASSKEY}`) })
    const printed = await both(url.replace('/announce', `/announce?passkey=${PASSKEY}`))
    expect(printed).toContain('/announce?passkey=***')
    expect(printed).toContain('no torrent for ***')
    expect(printed).not.toContain(PASSKEY)
    expect(printed).not.toContain(Buffer.from(PASSKEY).toString('hex'))
  })

  it('is masked in packets that are shown as bytes', async () => {
    const echo = Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(PASSKEY)])
    const url = await tracker({
      connect: (transactionId) => [echo, udp.connectReply(transactionId, CONNECTION_ID)],
    })
    const printed = await both(url.replace('/announce', `/${PASSKEY}/announce`))
    expect(printed).toContain('its transaction id is none of ours')
    expect(printed.replaceAll(/(?<=[0-9a-f]{8}) (?=[0-9a-f]+)/g, '')).not.toContain(
      Buffer.from(PASSKEY).toString('hex'),
    )
  })

  it('is masked in a request, its headers, the answer and the way of a redirect', async () => {
    const other = 'zyxwvutsrqponmlkjihg'
    const second = await started(startHttpTracker((request, response) => response.end(`no: ${request.url}`)))
    const first = await started(
      startHttpTracker((request, response) => {
        response.writeHead(302, { Location: `${second.url}${request.url}&passkey=${other}`, 'X-Said': PASSKEY })
        response.end(`Found. Redirecting to ${request.url}&passkey=${other}`)
      }),
    )
    const url = first.url.replace('//', '//user:p4ssw0rd@').replace('/announce', `/${PASSKEY}/announce?pid=77`)
    for (const flags of [[], ['--redirects', 'report']]) {
      const printed = await both(url, ...flags)
      for (const secret of [PASSKEY, 'p4ssw0rd', other, Buffer.from('user:p4ssw0rd').toString('base64'), 'pid=77']) {
        expect(printed).not.toContain(secret)
      }
      expect(printed).toMatch(/pid +\*\*\*/)
      expect(printed).toMatch(/Authorization +\*\*\*/)
    }
    const { stdout } = await explain(url)
    expect(stdout.match(/peer_id +PEER-ID/g)).toHaveLength(2)
  })

  it('is masked in headers that the operator gives', async () => {
    const { url } = await started(
      startHttpTracker((request, response) => response.end(`no: ${String(request.headers['x-token'])}`)),
    )
    const printed = await both(url, '--header', `X-Token: ${PASSKEY}`, '--header', 'Cookie: a=b')
    expect(printed).toMatch(/X-Token +\*\*\*\n/)
    expect(printed).toMatch(/Cookie +\*\*\*\n/)
    expect(printed).toContain('no: ***')
    expect(printed).not.toContain(PASSKEY)
  })

  it('is masked in the messages of a WebSocket', async () => {
    const { url } = await started(
      startWsTracker((socket, text) => socket.send(wsAnswer(text, { 'warning message': `hello ${PASSKEY}` }))),
    )
    const printed = await both(url.replace('/announce', `/${PASSKEY}`))
    expect(printed).toContain('hello ***')
    expect(printed).not.toContain(PASSKEY)
  })
})

describe('the text of a tracker', () => {
  const evil = 'a\x1b[31mb\x9b2Jc\u202ed\x07\r\ne'

  it('reaches no terminal as it is, whichever way it comes', async () => {
    const refusal = await tracker({ announce: refusing(evil) })
    const body = await started(startHttpTracker((_, response) => response.end(goodAnswer({ 'warning message': evil }))))
    const text = await started(startHttpTracker((_, response) => response.end(evil)))
    const key = await started(startHttpTracker((_, response) => response.end(goodAnswer({ '\x1b]0;x\x07': evil }))))
    const head = await started(
      startRawTcp((socket) => socket.end(httpAnswer('', ['X-\x1b[31mEvil: \x1b[31m', 'X-B: \x9b2J'], '200 \x1b[5mOK'))),
    )
    const message = await started(
      startWsTracker((socket, said) => socket.send(wsAnswer(said, { '\x1b[31m': evil, 'failure reason': evil }))),
    )
    const closed = await started(startWsTracker((socket) => socket.close(1008, evil)))
    const urls = [refusal, ...[body, text, key, head, message, closed].map(({ url }) => url)]
    const printed = await Promise.all(urls.map((url) => both(url, '--timeout', '1s')))
    expect(printed.filter((one) => UNSAFE.test(one))).toEqual([])
  })

  it('is cut where it is long', async () => {
    const { url } = await started(
      startHttpTracker((_, response) => response.end(goodAnswer({ note: 'x'.repeat(500_000) }))),
    )
    const printed = await both(url)
    expect(printed).toContain('… (500000 characters)')
    expect(printed.length).toBeLessThan(20_000)
  })

  it('is a number where it is a flood of packets', async () => {
    const junk = Array.from({ length: 80 }, () => Buffer.from('junk'))
    const url = await tracker({
      connect: (transactionId) => [...junk, udp.connectReply(transactionId, CONNECTION_ID)],
    })
    const { stdout } = await explain(url)
    expect(stdout.match(/ignored: shorter than any packet/g)).toHaveLength(50)
    expect(stdout).toMatch(/^\d+ more packets or messages came and were ignored$/m)
    const { eventsLeftOut } = JSON.parse((await explain(url, '--json')).stdout)
    expect(eventsLeftOut).toBeGreaterThan(0)
  })
})

describe('colours', () => {
  it('are for terminals alone', async () => {
    const url = await tracker()
    const args = ['check', '--explain', '--allow-private', url]
    expect((await run(args)).stdout).not.toContain('\x1b')
    expect((await run(args, { tty: true })).stdout).toContain('\x1b[32mVerdict: alive\x1b[39m')
  })
})
