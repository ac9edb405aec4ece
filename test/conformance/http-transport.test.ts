import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { checkLocal, checkRaw, SHORT_MS, summary, using } from '../support/check-local.js'
import { startDnsServer, zoneOf } from '../support/dns-server.js'
import { goodAnswer, httpAnswer, startHttpTracker, startRawTcp } from '../support/http-tracker.js'
import { startStalled } from '../support/stalled-server.js'
import { expectEach } from '../support/variants.js'

/** For what is never answered, or never to its end. */
const brief = { timeoutMs: SHORT_MS }
const good = goodAnswer()
const body = good.toString('latin1')
const head = 'HTTP/1.1 200 OK\r\n'

/** The summary of a check of a tracker that writes this and ends the connection. */
function summaryOf(bytes: string | Uint8Array): Promise<string> {
  return checkRaw((socket) => socket.end(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes))
}

/** The summary of a check of a tracker that begins with this and then goes on byte by byte, for ever. */
async function summaryOfDrip(begin: string): Promise<string> {
  let dripping: NodeJS.Timeout | undefined
  const drip = (socket: Socket): void => {
    socket.write(begin)
    dripping = setInterval(() => socket.write('x'), SHORT_MS / 20)
  }
  try {
    return await checkRaw(drip, brief)
  } finally {
    clearInterval(dripping)
  }
}

function chunked(bytes: Uint8Array): string {
  const size = bytes.length.toString(16)
  return `${head}Transfer-Encoding: chunked\r\n\r\n${size}\r\n${Buffer.from(bytes).toString('latin1')}\r\n`
}

describe('an HTTP tracker that is slow', () => {
  it('H075 a body that drips has timed out in the transfer, at the deadline', async () => {
    expect(await summaryOfDrip(`${head}Content-Length: 1000\r\n\r\n`)).toBe('failed http.timeout in transfer')
  })

  it('H076 headers that drip have timed out in processing, at the deadline', async () => {
    expect(await summaryOfDrip(`${head}X: `)).toBe('failed http.timeout in processing')
  })

  it('H077 a server that accepts and says nothing has timed out in processing', async () => {
    expect(await checkRaw(() => {}, brief)).toBe('failed http.timeout in processing')
  })

  it('H078 a server that does not even accept has timed out in the connect', () =>
    using(startStalled(), async ({ url }) => {
      expect(summary((await checkLocal(url, brief)).outcome)).toBe('failed net.timeout in connect')
    }))
})

describe('an HTTP tracker that hangs up', () => {
  it('H079 a reset behind the request is a reset in processing', async () => {
    expect(await checkRaw((socket) => socket.resetAndDestroy())).toBe('failed net.reset in processing')
  })

  it('H080 an end without a byte is a closed connection', async () => {
    expect(await summaryOf('')).toBe('failed net.closed in processing')
  })

  it('H081 an end in the middle of the headers is a closed connection', async () => {
    expect(await summaryOf(`${head}X: y`)).toBe('failed net.closed in processing')
  })

  it('H082 an end before the announced length does no harm to a whole dictionary', () =>
    expectEach(
      {
        whole: [`${head}Content-Length: 9999\r\n\r\n${body}`, 'ok http.truncated'],
        'not whole': [`${head}Content-Length: 9999\r\n\r\n${body.slice(0, 9)}`, 'failed http.truncated in transfer'],
      },
      summaryOf,
    ))

  it('H117 a server that does not hang up is heard to the announced length, and we do', () =>
    using(
      startRawTcp((socket) => void socket.write(httpAnswer(good, ['Connection: keep-alive']))),
      async (tracker) => {
        expect(summary((await checkLocal(tracker.url)).outcome)).toBe('ok')
        await tracker.closed()
      },
    ))
})

describe('the length of an HTTP answer', () => {
  it('H083 what follows the announced length in the same segment does not matter', async () => {
    expect(await summaryOf(Buffer.concat([httpAnswer(good), Buffer.from('junk\r\n\r\n')]))).toBe('ok')
  })

  it('H084 what follows the body later does not matter', async () => {
    const junkLater = (socket: Socket): void => {
      socket.write(httpAnswer(good), () => setImmediate(() => socket.end('junk\r\n\r\n')))
    }
    expect(await checkRaw(junkLater)).toBe('ok')
  })

  it('H085 chunks are put together, a missing last one forgiven, a bad size not', () =>
    expectEach(
      {
        whole: [`${chunked(good)}0\r\n\r\n`, 'ok'],
        'in two': [
          `${head}Transfer-Encoding: chunked\r\n\r\n9\r\n${body.slice(0, 9)}\r\n${(body.length - 9).toString(16)};x=y\r\n${body.slice(9)}\r\n0\r\n\r\n`,
          'ok',
        ],
        'without the last chunk': [chunked(good), 'ok http.truncated'],
        'a bad size': [`${head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, 'failed http.parse in transfer'],
      },
      summaryOf,
    ))

  it('H086 HTTP/1.0 without a length ends with the connection', async () => {
    expect(await summaryOf(`HTTP/1.0 200 OK\r\n\r\n${body}`)).toBe('ok')
  })

  it('H087 HTTP/1.1 without a length ends with the connection', async () => {
    expect(await summaryOf(`${head}\r\n${body}`)).toBe('ok')
  })

  it('H089 chunks beside a length count', async () => {
    const withLength = chunked(good).replace('\r\n\r\n', `\r\nContent-Length: ${good.length}\r\n\r\n`)
    expect(await summaryOf(`${withLength}0\r\n\r\n`)).toBe('ok')
  })

  it('H090 two lengths that differ cannot be parsed', async () => {
    expect(await summaryOf(`${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nde`)).toBe(
      'failed http.parse in processing',
    )
  })
})

describe('the headers of an HTTP answer', () => {
  it('H088 they may end in bare line feeds', async () => {
    expect(await summaryOf(`HTTP/1.1 200 OK\nX: y\nContent-Length: ${good.length}\n\n${body}`)).toBe('ok')
  })

  it('H091 they may be written against the rules as far as Node’s parser puts up with it', () => {
    const spaced = `${head}Content-Length : ${good.length}\r\n\r\n${body}`
    return expectEach(
      {
        'a NUL in a value': [httpAnswer(good, ['X: a\0b']), 'ok'],
        'a value on two lines': [httpAnswer(good, ['X: a', ' b']), 'ok'],
        'a space before the colon of one that matters': [spaced, 'ok'],
        // llhttp has its lenience for the headers that it knows, and only for those.
        'a space before the colon of another': [httpAnswer(good, ['X : a']), 'failed http.parse in processing'],
      },
      summaryOf,
    )
  })

  it('H092 a line without a colon cannot be parsed', async () => {
    expect(await summaryOf(`${head}nonsense\r\n\r\n${body}`)).toBe('failed http.parse in processing')
  })

  it('H093 20 kB of them are read, 200 kB are not', () =>
    expectEach(
      {
        '20 kB': [httpAnswer(good, [`X: ${'y'.repeat(20_000)}`]), 'ok'],
        '200 kB': [httpAnswer(good, [`X: ${'y'.repeat(200_000)}`]), 'failed http.parse in processing'],
      },
      summaryOf,
    ))
})

describe('what comes in place of an HTTP answer, or before it', () => {
  function detailOf(bytes: string): Promise<string> {
    return using(
      startRawTcp((socket) => socket.end(Buffer.from(bytes, 'latin1'))),
      async ({ url }) => {
        const { outcome } = await checkLocal(url)
        return outcome.kind === 'failed' ? `${outcome.code} in ${outcome.phase}: ${outcome.detail}` : summary(outcome)
      },
    )
  }

  it('H094 other protocols cannot be parsed, and their first bytes are quoted', () => {
    const failed = (what: string) => expect.stringMatching(`^http\\.parse in processing: .*, received "${what}`)
    return expectEach<string, unknown>(
      {
        ICY: ['ICY 200 OK\r\n\r\n', failed('ICY 200 OK"$')],
        'HTTP/0.9': ['<html>hello</html>', failed('<html>hello</html>"$')],
        SSH: ['SSH-2.0-OpenSSH_9.2\r\n', failed('SSH-2.0-OpenSSH_9.2"$')],
        'HTTP/2 in the clothes of 1': ['HTTP/2 200\r\n\r\n', failed('HTTP/2 200"$')],
        'escape sequences': ['\x1b[31mred\x1b[0m\r\n', failed('red"$')],
      },
      detailOf,
    )
  })

  it('H095 an answer without an HTTP header is recognised as what it is', async () => {
    expect(await detailOf('d8:intervali1800e5:peers0:e')).toBe(
      'http.parse in processing: bencode without an HTTP header, received "d8:intervali1800e5:peers0:e"',
    )
  })

  it('H096 100 and 103 before the answer are passed over', () =>
    expectEach(
      {
        '100': [Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), httpAnswer(good)]), 'ok'],
        '103': [Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'), httpAnswer(good)]), 'ok'],
      },
      summaryOf,
    ))

  it('H097 100 many times before the answer is passed over, for ever is not', async () => {
    const once = 'HTTP/1.1 100 Continue\r\n\r\n'
    expect(await summaryOf(Buffer.concat([Buffer.from(once.repeat(500)), httpAnswer(good)]))).toBe('ok')
    const forEver = (socket: Socket): void => {
      const going = setInterval(() => socket.write(once), SHORT_MS / 20)
      socket.once('close', () => clearInterval(going))
    }
    expect(await checkRaw(forEver, brief)).toBe('failed http.timeout in processing')
  })

  it('H116 an answer that comes before the request is an answer', () =>
    using(
      startRawTcp(() => {}, { onConnection: (socket) => socket.write(httpAnswer(good)) }),
      async ({ url }) => {
        expect(summary((await checkLocal(url)).outcome)).toBe('ok')
      },
    ))
})

describe('an HTTP tracker with several addresses', () => {
  it('H118 three of which one answers is alive in part, and each is listed', () =>
    using(startDnsServer(zoneOf({ 'name.test': ['127.0.0.2', '127.0.0.3', '127.0.0.1'] })), (dns) =>
      using(
        startHttpTracker((_, response) => response.end(good)),
        async ({ port }) => {
          const result = await checkLocal(`http://name.test:${port}/announce`, { dnsServers: [dns.address] })
          expect(summary(result.outcome)).toBe('ok partial_addresses')
          const byAddress = result.probes.map(({ address, outcome }) => `${address} ${summary(outcome)}`)
          expect(byAddress.toSorted()).toEqual([
            '127.0.0.1 ok',
            '127.0.0.2 failed net.refused in connect',
            '127.0.0.3 failed net.refused in connect',
          ])
        },
      ),
    ))
})
