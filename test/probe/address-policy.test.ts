import { describe, expect, it } from 'vitest'
import { refuseAddress, refuseName } from '../../src/probe/address-policy.js'

describe('an address', () => {
  it.each([
    '10.0.0.1',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '127.0.0.1',
    '127.255.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.127.255.255',
    '::127.0.0.1',
    '::a00:1',
    '0.0.0.0',
    '0.1.2.3',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'febf::1',
    'fc00::1',
    'fcab::1',
    'fdff::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::a00:1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::7f00:1',
  ])('%s is private, and contacted only where that is allowed', (address) => {
    expect(refuseAddress(address, false)).toMatchObject({ reason: 'private_address', code: 'policy.private_address' })
    expect(refuseAddress(address, true)).toBeNull()
  })

  it.each(['200::1', '201:db8::1', '2ff::1', '300::1', '3ff:ffff::1'])(
    '%s is of Yggdrasil, whatever is allowed',
    (address) => {
      for (const allowPrivate of [false, true]) {
        expect(refuseAddress(address, allowPrivate)).toMatchObject({
          reason: 'overlay_network',
          code: 'net.overlay_yggdrasil',
        })
      }
    },
  )

  it.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '223.255.255.255',
    '2606:4700::1',
    '2a00::1',
    '400::1',
    '1ff::1',
    '::ffff:1.1.1.1',
    '64:ff9b::101:101',
  ])('%s is public', (address) => {
    expect(refuseAddress(address, false)).toBeNull()
  })
})

describe('a name', () => {
  it.each([
    'localhost',
    'a.localhost',
    'retracker.local',
    'x.invalid',
    'x.test',
    'x.example',
    'x.internal',
    'intranet',
  ])('%s is local, and asked for only where that is allowed', (name) => {
    expect(refuseName(name, false)).toMatchObject({ reason: 'local_name', code: 'policy.local_name' })
    expect(refuseName(name, true)).toBeNull()
  })

  it.each([
    'tracker.example.org',
    'local.tracker.net',
    'onion.tracker.net',
    'testing.net',
    'tracker.constructor',
    'tracker.__proto__',
  ])('%s is public', (name) => {
    expect(refuseName(name, false)).toBeNull()
  })
})
