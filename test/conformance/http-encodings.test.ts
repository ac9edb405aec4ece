import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { answering, checkHttp, checkLocal, summary, using } from '../support/check-local.js'
import { goodAnswer, startRawTcp } from '../support/http-tracker.js'
import { expectEach } from '../support/variants.js'

interface Encoded {
  readonly label?: string
  readonly body: Uint8Array
}

const good = goodAnswer()
const gzip = gzipSync(good)

async function summaryOf({ label, body }: Encoded): Promise<string> {
  const headers: Record<string, string> = label === undefined ? {} : { 'Content-Encoding': label }
  return summary((await checkHttp(answering(body, headers))).outcome)
}

describe('the content encoding of an HTTP answer', () => {
  it('H066 gzip is undone', () =>
    expectEach<Encoded, string>(
      {
        gzip: [{ label: 'gzip', body: gzip }, 'ok'],
        'its old name': [{ label: 'x-gzip', body: gzip }, 'ok'],
        'gzip in gzip': [{ label: 'gzip, gzip', body: gzipSync(gzip) }, 'ok'],
      },
      summaryOf,
    ))

  it('H067 gzip that no header names is undone, with a flag', async () => {
    expect(await summaryOf({ body: gzip })).toBe('ok http.unlabelled_gzip')
  })

  it('H068 plain bencode that is called gzip is taken as it is, with a flag', async () => {
    expect(await summaryOf({ label: 'gzip', body: good })).toBe('ok http.mislabelled_encoding')
  })

  it('H069 gzip that ends behind the dictionary is read, with a flag', async () => {
    expect(await summaryOf({ label: 'gzip', body: gzip.subarray(0, -8) })).toBe('ok http.truncated_gzip')
  })

  it('H070 damaged gzip is read if the dictionary is whole', () => {
    const wrongSum = Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(8, 0xff)])
    return expectEach<Encoded, string>(
      {
        'a wrong checksum': [{ label: 'gzip', body: wrongSum }, 'ok http.truncated_gzip'],
        'garbage behind it': [
          { label: 'gzip', body: Buffer.concat([gzip, Buffer.from('junk')]) },
          'ok http.truncated_gzip',
        ],
        'cut in the dictionary': [
          { label: 'gzip', body: gzip.subarray(0, 20) },
          'failed bencode.truncated in transfer',
        ],
        'no gzip at all': [{ label: 'gzip', body: Buffer.from('rubbish') }, 'failed http.encoding in transfer'],
      },
      summaryOf,
    )
  })

  it('H071 deflate, with its header and without, and brotli are undone', () =>
    expectEach<Encoded, string>(
      {
        'deflate with its header': [{ label: 'deflate', body: deflateSync(good) }, 'ok'],
        'deflate without it': [{ label: 'deflate', body: deflateRawSync(good) }, 'ok'],
        brotli: [{ label: 'br', body: brotliCompressSync(good) }, 'ok'],
      },
      summaryOf,
    ))

  it('H072 an encoding that we do not know is unsupported', () => {
    const expected = 'failed http.unsupported_encoding in transfer'
    return expectEach<Encoded, string>(
      {
        zstd: [{ label: 'zstd', body: Buffer.from('28b52ffd', 'hex') }, expected],
        bzip2: [{ label: 'bzip2', body: Buffer.from('BZh91') }, expected],
        'something else': [{ label: 'x-own', body: Buffer.from('x') }, expected],
      },
      summaryOf,
    )
  })
})

describe('the size of an HTTP answer', () => {
  it('H073 gzip of 200 kB that holds 200 MB is given up after the first', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000))
    expect(bomb.length).toBeLessThan(210_000)
    const { outcome } = await checkHttp(answering(bomb, { 'Content-Encoding': 'gzip' }))
    expect(outcome).toMatchObject({
      code: 'http.too_large',
      phase: 'transfer',
      detail: 'more than 1048576 bytes after decoding',
    })
  })

  it('H074 a body without an end is given up after 1 MiB, and its connection closed', async () => {
    let sent = 0
    const endless = startRawTcp((socket) => {
      const chunk = Buffer.alloc(65_536, 0x61)
      const more = (): void => {
        do sent += chunk.length
        while (socket.writable && socket.write(chunk))
      }
      socket.on('drain', more)
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      more()
    })
    await using(endless, async (tracker) => {
      expect(summary((await checkLocal(tracker.url)).outcome)).toBe('failed http.too_large in transfer')
      await tracker.closed()
    })
    // What the buffers of both ends hold comes on top.
    expect(sent).toBeLessThan(32 * 1024 * 1024)
  })
})
