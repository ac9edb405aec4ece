import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { createAuthority } from '../support/tls.js'
import { startWsTracker, wsAnswer } from '../support/ws-tracker.js'
import { explain, started } from './explain-run.js'

describe('check --explain over HTTP', () => {
  it('shows requests and answers on the way of a redirect', async () => {
    const second = await started(startHttpTracker((_, response) => response.end(goodAnswer())))
    const first = await started(
      startHttpTracker((_, response) => response.writeHead(301, { Location: `${second.url}?x=1` }).end('Moved')),
    )
    const { code, stdout } = await explain(first.url)
    expect(code).toBe(0)
    expect(stdout.replaceAll(String(second.port), 'OTHER')).toMatchInlineSnapshot(`
      "http://127.0.0.1:PORT/announce

      IPv4 127.0.0.1 port PORT
        TIME  ·  connected to 127.0.0.1 port PORT
        TIME  →  GET /announce
                    info_hash        0123456789abcdef0123456789abcdef01234567 (sent as %01%23Eg%89%AB%CD%EF%01%23Eg%89%AB%CD%EF%01%23Eg)
                    peer_id          PEER-ID
                    port             OUR-PORT
                    uploaded         0
                    downloaded       0
                    left             1000
                    compact          1
                    numwant          5
                    key              KEY
                    event            started
                    Host             127.0.0.1:PORT
                    Accept           */*
                    Accept-Encoding  gzip
                    User-Agent       trackerwatch
        TIME  ←  HTTP/1.1 301 Moved Permanently
                    Location           http://127.0.0.1:OTHER/announce?x=1
                    Date               DATE
                    Transfer-Encoding  chunked
        TIME  ←  body, 5 bytes
                    begins  "Moved"
        TIME  ·  redirected (301) to http://127.0.0.1:OTHER/announce
        TIME  ·  connected to 127.0.0.1 port OTHER
        TIME  →  GET /announce
                    x                1
                    Host             127.0.0.1:OTHER
                    Accept           */*
                    Accept-Encoding  gzip
                    User-Agent       trackerwatch
        TIME  ←  HTTP/1.1 200 OK
                    Date            DATE
                    Content-Length  56
        TIME  ←  body, 56 bytes
                    complete    1
                    incomplete  0
                    interval    1800 s
                    peers       0 (compact)
        TIME  =  ok in TIME
                    connect TIME, send TIME, processing TIME, transfer TIME

      Verdict: alive
        outcome  ok
        latency  TIME
        IPv4     127.0.0.1 ok in TIME
        rule     IPv4 alone was checked, so it decides
        flag     http.redirected (degrades): Redirects to its real address
        counts   as degraded
        alive    yes: it serves the announce (alive_when: announce)
      "
    `)
  })

  it('shows how a web page begins', async () => {
    const page = `<!doctype html>\n<title>Welcome</title>${'.'.repeat(5000)}`
    const { url } = await started(
      startHttpTracker((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(page)),
    )
    const { code, stdout } = await explain(url)
    expect(code).toBe(1)
    expect(stdout.slice(stdout.indexOf('←  body'))).toMatchInlineSnapshot(`
      "←  body, 5038 bytes
                    begins  "<!doctype html> <title>Welcome</title>......................................................................................................................................................................................................................................................................… (5038 characters)"
        TIME  =  failed (http.not_a_tracker) in transfer: HTML page "Welcome", expected a bencoded dictionary
                    connect TIME, send TIME, processing TIME, transfer TIME

      Verdict: not alive
        outcome  failed · not_a_tracker · http.not_a_tracker
        means    Answers with a web page
        detail   HTML page "Welcome", expected a bencoded dictionary
        IPv4     127.0.0.1 failed (http.not_a_tracker)
        rule     IPv4 alone was checked, so it decides
        counts   as down
        alive    no: it gave no answer that clients could use
      "
    `)
  })

  it('shows what is in a compressed body', async () => {
    const body = gzipSync(goodAnswer({ 'external ip': Buffer.from([192, 0, 2, 9]) }))
    const { url } = await started(
      startHttpTracker((_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(body)),
    )
    const { stdout } = await explain(url)
    expect(bodyOf(stdout)).toMatchInlineSnapshot(`
      "←  body, SOME bytes, gzip: 76 unpacked
                    complete     1
                    external ip  192.0.2.9
                    incomplete   0
                    interval     1800 s
                    peers        0 (compact)"
    `)
  })

  it.runIf(isInstalled('openssl'))(titleFor('shows what is wrong with a certificate', 'openssl'), async () => {
    const authority = createAuthority()
    onTestFinished(authority.remove)
    const tls = authority.issue('DNS:other.test', -1)
    const { url } = await started(startHttpTracker((_, response) => response.end(goodAnswer()), { tls }))
    const { code, stdout } = await explain(url)
    expect(code).toBe(1)
    expect(stdout).toMatchInlineSnapshot(`
      "https://127.0.0.1:PORT/announce

      IPv4 127.0.0.1 port PORT
        TIME  ·  connected to 127.0.0.1 port PORT
        TIME  ·  TLSv1.3, TLS_AES_256_GCM_SHA384
                    The certificate has expired; The certificate is for another name
                    subject     CN=tracker
                    issuer      CN=Test CA
                    names       DNS:other.test
                    valid from  MOMENT
                    valid to    MOMENT (24 h ago)
        TIME  =  failed (tls.cert_expired) in tls: certificate of 127.0.0.1 refused: CERT_HAS_EXPIRED; ERR_TLS_CERT_ALTNAME_INVALID, its names are DNS:other.test
                    connect TIME

      Verdict: not alive
        outcome  failed · tls · tls.cert_expired
        means    The certificate has expired
        detail   certificate of 127.0.0.1 refused: CERT_HAS_EXPIRED; ERR_TLS_CERT_ALTNAME_INVALID, its names are DNS:other.test
        IPv4     127.0.0.1 failed (tls.cert_expired)
        rule     IPv4 alone was checked, so it decides
        counts   as down
        alive    no: it gave no answer that clients could use
      "
    `)
  })
})

describe('check --explain over WebSocket', () => {
  it('shows the upgrade and every message', async () => {
    const { url } = await started(
      startWsTracker((socket, text) => {
        socket.send('{"action":"announce","offer":{"type":"offer","sdp":"v=0"}}')
        socket.send(wsAnswer(text))
      }),
    )
    const { code, stdout } = await explain(url)
    expect(code).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "ws://127.0.0.1:PORT/announce

      IPv4 127.0.0.1 port PORT
        TIME  ·  connected to 127.0.0.1 port PORT
        TIME  →  GET /announce
                    User-Agent             trackerwatch
                    Host                   127.0.0.1:PORT
                    Sec-WebSocket-Version  13
                    Sec-WebSocket-Key      RANDOM
                    Upgrade                websocket
        TIME  ←  HTTP/1.1 101 Switching Protocols
                    Upgrade               websocket
                    Sec-WebSocket-Accept  RANDOM
        TIME  →  announce, 194 bytes
                    action      announce
                    info_hash   0123456789abcdef0123456789abcdef01234567
                    peer_id     PEER-ID
                    uploaded    0
                    downloaded  0
                    left        1000
                    numwant     5
                    offers      0 (items)
                    event       started
        TIME  ←  announce, 58 bytes
                    ignored: no answer to our request
                    action  announce
                    offer   2: type, sdp (object)
        TIME  ←  announce, 122 bytes
                    action      announce
                    interval    120 s
                    complete    1
                    incomplete  2
                    info_hash   0123456789abcdef0123456789abcdef01234567
        TIME  →  announce, 194 bytes
                    takes leave, no answer awaited
                    event  stopped
                    …      the rest as before
        TIME  =  ok in TIME
                    connect TIME, ws_upgrade TIME, ws_reply TIME

      Verdict: alive
        outcome  ok
        latency  TIME
        IPv4     127.0.0.1 ok in TIME
        rule     IPv4 alone was checked, so it decides
        counts   as up
        alive    yes: it serves the announce (alive_when: announce)
      "
    `)
  })
})

/** What is told of the body. */
function bodyOf(stdout: string): string {
  const [, body = ''] = /(← {2}body.*?)\n *TIME/s.exec(stdout) ?? []
  return body
}
