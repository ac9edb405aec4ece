import { isIP } from 'node:net'
import { parseInfoHash } from '../bittorrent/info-hash.js'
import { storeSchemes } from '../store/open.js'
import { maskUrl } from '../tracker/mask.js'
import { parseTracker } from '../tracker/tracker.js'
import { parseDuration } from './duration.js'
import { parseListen } from './listen.js'

/** What is wrong with single values: each says what was found and what was expected, or null. */

export function durationProblem(value: string, min: string, max: string): string | null {
  try {
    const ms = parseDuration(value)
    return ms < parseDuration(min) || ms > parseDuration(max) ? `"${value}", expected ${min} to ${max}` : null
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

export function infoHashProblem(value: string): string | null {
  try {
    parseInfoHash(value)
    return null
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

export function trackerProblem(value: string): string | null {
  return parseTracker(value).problem?.message ?? null
}

export function httpProblem(value: string): string | null {
  return /^https?:\/\/[^\s/?#]+\S*$/i.test(value) && URL.canParse(value)
    ? null
    : `"${maskUrl(value)}", expected an http:// or https:// URL`
}

/** Pages refer to each other from the root of their host, so a path would lead nowhere. */
export function publicUrlProblem(value: string): string | null {
  const problem = httpProblem(value)
  if (problem !== null) return problem
  const { username, password, pathname, search, hash } = new URL(value)
  return username + password + search + hash === '' && pathname === '/'
    ? null
    : `"${maskUrl(value)}", expected scheme, host and port alone such as https://trackers.example`
}

export function listenProblem(value: string): string | null {
  return parseListen(value) === null ? `"${value}", expected host:port such as 127.0.0.1:10069 or [::]:10069` : null
}

export function dnsServerProblem(value: string): string | null {
  const address = isIP(value) !== 0 ? value : parseListen(value)?.host
  return address !== undefined && isIP(address) !== 0
    ? null
    : `"${value}", expected an IP address, or one with a port such as 9.9.9.9:53 or [2620:fe::fe]:53`
}

export function witnessProblem(value: string): string | null {
  const address = parseListen(value)
  return address !== null && isIP(address.host) !== 0 && address.port > 0
    ? null
    : `"${value}", expected an IP address with a port such as 192.0.2.1:443 or [2001:db8::1]:53`
}

export function storeProblem(value: string): string | null {
  const [scheme = '', ...location] = value.split(':')
  if (!storeSchemes.includes(scheme)) {
    return `"${value}", expected one of ${storeSchemes.map((known) => `${known}:…`).join(', ')}`
  }
  return location.join(':') === '' ? `"${value}", expected a location after "${scheme}:"` : null
}
