import { describe, expect, it } from 'vitest'
import { parseListen } from '../../src/config/listen.js'

describe('parseListen', () => {
  it.each([
    ['127.0.0.1:10069', { host: '127.0.0.1', port: 10069 }],
    ['0.0.0.0:0', { host: '0.0.0.0', port: 0 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
    ['[::]:65535', { host: '::', port: 65535 }],
    ['[2001:db8::1]:1', { host: '2001:db8::1', port: 1 }],
  ])('reads %s', (text, address) => {
    expect(parseListen(text)).toEqual(address)
  })

  it.each([
    '',
    '10069',
    ':10069',
    'localhost',
    'localhost:',
    '::1:80',
    '[::1]',
    '[x]:80',
    '[127.0.0.1]:80',
    'h:65536',
    'h:-1',
    'a b:1',
    'http://h:80',
  ])('refuses "%s"', (text) => {
    expect(parseListen(text)).toBeNull()
  })
})
