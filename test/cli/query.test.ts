import { describe, expect, it, onTestFinished } from 'vitest'
import { bencodeText, compactPeers, udp } from '../support/encode.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { announced } from '../support/udp-tracker.js'
import { INFO_HASH, refusing, run, silent, tracker } from './support.js'

async function httpTracker(...args: Parameters<typeof startHttpTracker>) {
  const started = await startHttpTracker(...args)
  onTestFinished(started.stop)
  return started
}

describe('query', () => {
  it('shows what the tracker says, every peer included', async () => {
    const url = await tracker({
      announce: announced({ seeders: 7, peers: compactPeers('192.0.2.1:6881', '192.0.2.2:80') }),
    })
    const { code, stdout, stderr } = await run(['query', url, INFO_HASH])
    expect(stderr).toBe('')
    expect(stdout).toBe('interval  1800 s\nseeders   7\nleechers  1\npeers     2\n  192.0.2.1:6881\n  192.0.2.2:80\n')
    expect(code).toBe(0)
  })

  it('sends every flag', async () => {
    const http = await httpTracker((_, response) => response.end(goodAnswer()))
    const flags =
      '--peer-id -XX0001- --event completed --left 0 --downloaded 9223372036854775807 --uploaded 2 --ip 192.0.2.9 ' +
      '--port 0 --num-want 0 --key abc --timeout 5s'
    const { code } = await run(['query', http.url, INFO_HASH, ...flags.split(' '), '--header', 'X-Mine: a: b'])
    expect(code).toBe(0)
    const [request] = http.requests
    const sent = new URL(request?.url ?? '', 'http://t').searchParams
    expect(Object.fromEntries([...sent].filter(([name]) => name !== 'info_hash'))).toMatchObject({
      peer_id: '-XX0001-------------',
      event: 'completed',
      left: '0',
      downloaded: '9223372036854775807',
      uploaded: '2',
      ip: '192.0.2.9',
      port: '0',
      numwant: '0',
      key: 'abc',
    })
    expect(request?.url).toContain('info_hash=%01%23Eg%89%AB%CD%EF%01%23Eg%89%AB%CD%EF%01%23Eg')
    expect(request?.headers['x-mine']).toBe('a: b')
  })

  it('prints one JSON object with everything that came', async () => {
    const http = await httpTracker((_, response) =>
      response.end(goodAnswer({ 'warning message': 'soon gone', 'min interval': 60, custom: 'x' })),
    )
    const { code, stdout } = await run(['query', http.url, INFO_HASH, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      url: http.url,
      interval: 1800,
      minInterval: 60,
      leechers: 0,
      seeders: 1,
      peers: [],
      peers6: null,
      warningMessage: 'soon gone',
      extra: { custom: 'x' },
    })
  })

  it('shows a refusal and ends with 1', async () => {
    const url = await tracker({ announce: refusing('go\x1b[2J away') })
    const human = await run(['query', url, INFO_HASH])
    expect(human.code).toBe(1)
    expect(human.stdout).toMatch(/^refused: go.* away\n$/)
    expect(human.stdout).not.toContain('\x1b')
    const json = await run(['query', url, INFO_HASH, '--json'])
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toEqual({ url, failureReason: expect.stringMatching(/^go.* away$/) })
  })

  it('says why there is no answer and ends with 1', async () => {
    const url = await tracker({ connect: silent })
    const { code, stdout, stderr } = await run(['query', url, INFO_HASH, '--timeout', '200ms'])
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(new RegExp(`^${url}: .*200 ms.*\n$`))
  })

  it('ends with 2 for a value that this protocol has no room for', async () => {
    const { code, stderr } = await run(['query', await tracker(), INFO_HASH, '--ip', '2001:db8::1'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^trackerwatch: ip is "2001:db8::1", expected an IPv4 address/)
  })
})

describe('scrape', () => {
  const OTHER = 'f'.repeat(40)

  it('shows a row for each torrent', async () => {
    const url = await tracker({
      scrape: (transactionId) => [
        udp.scrapeReply(transactionId, [
          { seeders: 5, completed: 100, leechers: 2 },
          { seeders: 0, completed: 0, leechers: 0 },
        ]),
      ],
    })
    const { code, stdout } = await run(['scrape', url, INFO_HASH, OTHER.toUpperCase()])
    expect(code).toBe(0)
    expect(stdout.split('\n').map((line) => line.split(/ +/))).toEqual([
      ['info', 'hash', 'seeders', 'leechers', 'downloads'],
      [INFO_HASH, '5', '2', '100'],
      [OTHER, '0', '0', '0'],
      [''],
    ])
  })

  it('says which torrent a tracker does not know', async () => {
    const files = { [Buffer.from(INFO_HASH, 'hex').toString('latin1')]: { complete: 3, downloaded: 9, incomplete: 1 } }
    const http = await httpTracker((_, response) => response.end(bencodeText({ files })))
    const human = await run(['scrape', http.url, INFO_HASH, OTHER])
    expect(human.stdout).toMatch(new RegExp(`^${OTHER}  unknown to this tracker$`, 'm'))
    const json = await run(['scrape', http.url, INFO_HASH, OTHER, '--json', '--header', 'X-Mine: yes'])
    expect(http.requests.map(({ headers }) => headers['x-mine'])).toEqual([undefined, 'yes'])
    expect(JSON.parse(json.stdout)).toEqual({
      url: http.url,
      torrents: { [INFO_HASH]: { seeders: 3, leechers: 1, downloads: 9 }, [OTHER]: null },
    })
  })

  it('shows a refusal and ends with 1', async () => {
    const { code, stdout } = await run(['scrape', await tracker({ scrape: refusing('no scrapes') }), INFO_HASH])
    expect(code).toBe(1)
    expect(stdout).toBe('refused: no scrapes\n')
  })
})
