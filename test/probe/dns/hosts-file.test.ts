import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openHostsFile } from '../../../src/probe/dns/hosts-file.js'
import { createResolver } from '../../../src/probe/dns/resolve.js'
import { using } from '../../support/check-local.js'
import { startDnsServer } from '../../support/dns-server.js'

describe('the hosts file', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'trackerwatch-hosts-'))
    file = join(folder, 'hosts')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('gives names addresses of both families, in any case and with comments', () => {
    writeFileSync(
      file,
      '# all\n192.0.2.1\tTracker.Test alias.test # one\n\n  192.0.2.2 tracker.test\n2001:db8::1 tracker.test\n',
    )
    const hosts = openHostsFile(file)
    expect(hosts.lookup('tracker.test', 4)).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(hosts.lookup('tracker.test', 6)).toEqual(['2001:db8::1'])
    expect(hosts.lookup('alias.test', 4)).toEqual(['192.0.2.1'])
    expect(hosts.lookup('alias.test', 6)).toEqual([])
    expect(hosts.lookup('other.test', 4)).toBeNull()
  })

  it('may hold lines that say nothing', () => {
    writeFileSync(file, 'nonsense here\n999.1.1.1 bad.test\n192.0.2.1\n')
    const hosts = openHostsFile(file)
    for (const name of ['here', 'bad.test', '192.0.2.1']) expect(hosts.lookup(name, 4)).toBeNull()
  })

  it('may be missing', () => {
    expect(openHostsFile(file).lookup('tracker.test', 4)).toBeNull()
  })

  it('may be unreadable at times: what was read before stands', () => {
    let nowMs = 0
    writeFileSync(file, '192.0.2.1 tracker.test\n')
    const hosts = openHostsFile(file, () => nowMs)
    expect(hosts.lookup('tracker.test', 4)).toEqual(['192.0.2.1'])
    rmSync(file)
    mkdirSync(file)
    nowMs = 10_000
    expect(hosts.lookup('tracker.test', 4)).toEqual(['192.0.2.1'])
    rmSync(file, { recursive: true })
    writeFileSync(file, '192.0.2.2 tracker.test\n')
    nowMs = 20_000
    expect(hosts.lookup('tracker.test', 4)).toEqual(['192.0.2.2'])
  })

  it('that was never readable is as good as none, and nobody hears an error of it', () =>
    using(
      startDnsServer(() => ({ addresses: ['198.51.100.1'] })),
      async (dns) => {
        const resolver = createResolver({ servers: [dns.address], hostsFile: folder })
        const { signal } = new AbortController()
        expect(await resolver.bep34('tracker.test')).toEqual({ record: null, unknown: false })
        expect(await resolver.resolve('tracker.test', 4, signal)).toEqual(['198.51.100.1'])
        resolver.close()
      },
    ))

  it.each(['localhost', 'any.localhost'])('need not name %s', (name) => {
    const hosts = openHostsFile(file)
    expect([hosts.lookup(name, 4), hosts.lookup(name, 6)]).toEqual([['127.0.0.1'], ['::1']])
  })

  it('is read again when it has changed, but not at every look', () => {
    let nowMs = 0
    const write = (text: string, mtimeS: number): void => {
      writeFileSync(file, text)
      utimesSync(file, mtimeS, mtimeS)
    }
    write('192.0.2.1 tracker.test\n', 1000)
    const hosts = openHostsFile(file, () => nowMs)
    expect(hosts.lookup('tracker.test', 4)).toEqual(['192.0.2.1'])
    write('192.0.2.2 tracker.test\n', 2000)
    nowMs = 9_000
    expect(hosts.lookup('tracker.test', 4)).toEqual(['192.0.2.1'])
    nowMs = 10_000
    expect(hosts.lookup('tracker.test', 4)).toEqual(['192.0.2.2'])
  })

  it('is asked before the name server, also where it knows only the other family', () =>
    using(
      startDnsServer(() => ({ addresses: ['198.51.100.1', '2001:db8::2'] })),
      async (dns) => {
        writeFileSync(file, '192.0.2.1 tracker.test\n')
        const resolver = createResolver({ servers: [dns.address], hostsFile: file })
        const { signal } = new AbortController()
        expect(await resolver.resolve('tracker.test', 4, signal)).toEqual(['192.0.2.1'])
        await expect(resolver.resolve('tracker.test', 6, signal)).rejects.toMatchObject({ code: 'dns.nodata' })
        expect(dns.queries).toEqual([])
        expect(await resolver.resolve('other.test', 4, signal)).toEqual(['198.51.100.1'])
        resolver.close()
      },
    ))
})
