import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { askWitness } from '../../src/probe/witness.js'
import { openSockets, socketsSince, using } from '../support/check-local.js'
import { startStalled } from '../support/stalled-server.js'

const never = new AbortController().signal

async function listening(host: string) {
  const server = createServer((socket) => void socket.on('error', () => {}).resume())
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    server.close()
    await once(server, 'close')
  }
  return { host, port, stop }
}

const portOf = (url: string): number => Number(new URL(url).port)

describe('a witness answers', () => {
  it.each(['127.0.0.1', '::1'])('by taking the connection, at %s', (host) =>
    using(listening(host), async (witness) => {
      expect(await askWitness(witness, 5000, never)).toBe(true)
    }),
  )

  it('by refusing it', async () => {
    const witness = await listening('127.0.0.1')
    await witness.stop()
    expect(await askWitness(witness, 5000, never)).toBe(true)
  })
})

describe('a witness does not answer', () => {
  it('that stays silent for the time given', () =>
    using(startStalled(), async ({ url }) => {
      expect(await askWitness({ host: '127.0.0.1', port: portOf(url) }, 100, never)).toBe(false)
    }))

  it('to which this machine has no way', async () => {
    // A link-local address without its link: the kernel refuses before anything is sent.
    expect(await askWitness({ host: 'fe80::1', port: 443 }, 5000, never)).toBe(false)
  })
})

describe('asking a witness', () => {
  it('ends when it is no longer wanted', () =>
    using(startStalled(), async ({ url }) => {
      const abort = new AbortController()
      const asking = askWitness({ host: '127.0.0.1', port: portOf(url) }, 60_000, abort.signal)
      abort.abort(new Error('stopped'))
      await expect(asking).rejects.toThrow('stopped')
    }))

  it('leaves no socket behind, whatever comes of it', async () => {
    const before = openSockets()
    const refused = await listening('127.0.0.1')
    await refused.stop()
    await using(listening('127.0.0.1'), async (witness) => {
      await askWitness(witness, 5000, never)
      await askWitness(refused, 5000, never)
    })
    expect(await socketsSince(before)).toEqual([])
  })
})
