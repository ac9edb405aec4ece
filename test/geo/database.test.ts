import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPlaces } from '../../src/daemon/places.js'
import { openDatabase } from '../../src/geo/database.js'
import { countryOf, networkOf } from '../../src/geo/place.js'
import { type MmdbNetwork, mmdb } from '../support/mmdb.js'

function fileOf(bytes: Buffer | string): string {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-geo-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'addresses.mmdb')
  writeFileSync(file, bytes)
  return file
}

const networks: readonly MmdbNetwork[] = [
  { network: '192.0.2.0/24', record: { country: { iso_code: 'DE', names: { en: 'Germany' } } } },
  { network: '198.51.100.0/24', record: { country: { iso_code: 'NL' } } },
]

describe('a database of addresses', () => {
  it('tells the record of the network in which an address lies', async () => {
    const records = await openDatabase(fileOf(mmdb(networks)))
    expect(['192.0.2.7', '198.51.100.255', '198.51.101.0'].map(records).map(countryOf)).toEqual(['DE', 'NL', null])
  })

  it.each(['2001:db8::1', 'not an address', '', '192.0.2'])('tells nothing of %j', async (address) => {
    const records = await openDatabase(fileOf(mmdb(networks)))
    expect(records(address)).toBeNull()
  })

  it.each([
    ['empty', ''],
    ['of something else', 'x'.repeat(5000)],
    ['that breaks off', mmdb(networks).subarray(0, -20)],
  ])('is refused with its name if the file is one %s', async (_what, bytes) => {
    const file = fileOf(bytes)
    await expect(openDatabase(file)).rejects.toThrow(`${file}: not a database in the MMDB format`)
  })

  it('is refused with its name if there is no such file', async () => {
    await expect(openDatabase('/nowhere/x.mmdb')).rejects.toThrow('/nowhere/x.mmdb: cannot be read (ENOENT)')
  })
})

describe('a place', () => {
  it.each([
    ['nested', { country: { iso_code: 'DE' } }, 'DE', null],
    ['flat', { country_code: 'DE', country: 'Germany', asn: 'AS64496', as_name: 'Example' }, 'DE', 'AS64496 Example'],
    ['flat and short', { country: 'DE' }, 'DE', null],
    [
      'a network',
      { autonomous_system_number: 64496, autonomous_system_organization: 'Example' },
      null,
      'AS64496 Example',
    ],
    ['a network without a name', { autonomous_system_number: 64496 }, null, 'AS64496'],
    ['a country that is none', { country: { iso_code: '<b>' } }, null, null],
    ['of other types', { country: 7, asn: {}, autonomous_system_number: '1' }, null, null],
    ['nothing', null, null, null],
  ])('is read from a record that is %s', (_what, record, country, network) => {
    expect([countryOf(record), networkOf(record)]).toEqual([country, network])
  })
})

describe('the places of the daemon', () => {
  const silent = { info: () => {}, warn: () => {}, debug: () => {}, error: () => {} }

  it('are those of both databases, and null of an address that none knows', async () => {
    const places = createPlaces(silent)
    expect(places.of('192.0.2.7')).toBeNull()
    const network = mmdb([{ network: '192.0.2.0/25', record: { autonomous_system_number: 64496 } }])
    await places.use({ country: fileOf(mmdb(networks)), network: fileOf(network) })
    expect(places.of('192.0.2.7')).toEqual({ country: 'DE', network: 'AS64496' })
    expect(places.of('192.0.2.200')).toEqual({ country: 'DE', network: null })
    expect(places.of('203.0.113.1')).toBeNull()
    await places.use({ country: null, network: null })
    expect(places.of('192.0.2.7')).toBeNull()
  })

  it('stay what they were if a database cannot be read again, and the log says which', async () => {
    const logged: unknown[] = []
    const places = createPlaces({ ...silent, error: (...line: unknown[]) => logged.push(line) })
    await places.use({ country: fileOf(mmdb(networks)), network: null })
    const broken = fileOf('broken')
    await places.use({ country: broken, network: null })
    expect(places.of('192.0.2.7')).toEqual({ country: 'DE', network: null })
    const problem = `${broken}: not a database in the MMDB format`
    expect(logged).toEqual([[{ key: 'geo.country', problem }, 'database of addresses not read']])
  })
})
