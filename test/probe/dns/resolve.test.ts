import { describe, expect, it } from 'vitest'
import { createResolver } from '../../../src/probe/dns/resolve.js'
import { checkNamed, SHORT_MS, using } from '../../support/check-local.js'
import { type DnsAnswer, startDnsServer } from '../../support/dns-server.js'

const alive = new AbortController().signal

describe('name servers', () => {
  it('that know nothing but names of their own, and not the root, are alive by a name that they answered long before', () =>
    using(
      startDnsServer(({ name }) => (name === 'living.test' ? { addresses: ['192.0.2.1'] } : 'silent'), {
        root: 'silent',
      }),
      async ({ address }) => {
        const resolver = createResolver({ servers: [address], timeoutMs: 3000 })
        const { signal } = new AbortController()
        try {
          await resolver.resolve('living.test', 4, signal)
          await expect(resolver.resolve('dead.test', 4, signal)).rejects.toMatchObject({ code: 'dns.timeout' })
        } finally {
          resolver.close()
        }
      },
    ))
})

describe('the name of a tracker', () => {
  it('that does not exist is asked for once, what may pass is asked for again', async () => {
    const dead = await checkNamed(() => 'nxdomain')
    expect(dead.queries.length).toBe(2)
    const { summary, queries } = await checkNamed(
      ({ earlier, type }) => (type === 'A' && earlier > 0 ? { addresses: ['127.0.0.1'] } : 'silent'),
      { timeoutMs: SHORT_MS },
    )
    expect(summary).toBe('ok dns.family_unknown')
    expect(queries.filter(({ type }) => type === 'A').length).toBeGreaterThan(1)
  })

  it('is asked for in one family where one was asked for', async () => {
    const { queries } = await checkNamed(() => ({ addresses: ['127.0.0.1'] }), { family: 4 })
    expect(queries.map(({ type }) => type)).toEqual(['A'])
  })
})

describe('an answer of a name server', () => {
  it('is not waited for by whoever was aborted, but by the others', async () => {
    let answer = (_: DnsAnswer): void => {}
    const later = new Promise<DnsAnswer>((resolve) => {
      answer = resolve
    })
    await using(
      startDnsServer(() => later),
      async (dns) => {
        const resolver = createResolver({ servers: [dns.address] })
        const leaving = new AbortController()
        const first = resolver.resolve('name.test', 4, leaving.signal)
        const second = resolver.resolve('name.test', 4, alive)
        leaving.abort('gone')
        await expect(first).rejects.toBe('gone')
        answer({ addresses: ['192.0.2.1'] })
        expect(await second).toEqual(['192.0.2.1'])
        resolver.close()
      },
    )
  })

  it('is not waited for by anybody once the resolver is closed', () =>
    using(
      startDnsServer(() => 'silent'),
      async (dns) => {
        const resolver = createResolver({ servers: [dns.address], timeoutMs: 600_000 })
        const waiting = Array.from({ length: 300 }, (_, index) =>
          resolver.resolve(`n${index}.test`, 4, new AbortController().signal),
        )
        resolver.close()
        for (const one of await Promise.allSettled(waiting)) {
          expect(one).toMatchObject({ status: 'rejected', reason: { code: 'local.dns' } })
        }
      },
    ))
})
