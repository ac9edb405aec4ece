import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { checkInputOf } from '../../src/cli/check-input.js'
import { explainCheck, onlyTracker } from '../../src/cli/explain.js'
import type { CheckTrackerOptions } from '../../src/probe/check-trackers.js'
import { type Finished, run } from './support.js'

/** One torrent for all, so that it need not be made the same in every text. */
export const INFO_HASH = '0123456789abcdef0123456789abcdef01234567'

/** `check --explain` of a tracker on loopback, with what differs from run to run made the same. */
export async function explain(url: string, ...flags: readonly string[]): Promise<Finished> {
  const { code, stdout, stderr } = await run([
    ...['check', '--explain', '--allow-private', '--timeout', '5s', '--info-hash', INFO_HASH],
    ...flags,
    url,
  ])
  return { code, stdout: steady(stdout, url), stderr }
}

/** The same by a name server, which the command line has no flag for. */
export async function explainNamed(url: string, options: CheckTrackerOptions): Promise<string> {
  const stdout = new PassThrough()
  const streams = { stdin: Readable.from([]), stdout, stderr: new PassThrough() }
  const printed = text(stdout)
  const tracker = onlyTracker(checkInputOf([url], () => 'argument 1'))
  const io = { ...streams, env: {}, isTTY: { stdout: false, stderr: false } }
  await explainCheck(io, tracker, { json: false, allowPrivate: true, timeoutMs: 3000, ...options })
  stdout.end()
  return steady(await printed, url)
}

/** Starts something and stops it after the test. */
export async function started<T extends { readonly stop: () => Promise<void> }>(starting: Promise<T>): Promise<T> {
  const place = await starting
  onTestFinished(() => place.stop())
  return place
}

function steady(printed: string, url: string): string {
  const port = /:(\d+)\//.exec(url)?.[1] ?? ''
  return (
    printed
      .replaceAll(new RegExp(`\\b${port}\\b`, 'g'), 'PORT')
      .replaceAll(/ *\b\d+(?:\.\d)? ms {2}/g, '  TIME  ')
      .replaceAll(/\d+(?:\.\d)? ms\b/g, 'TIME')
      .replaceAll(/(?<=transaction id {2,})[0-9a-f]{8}/g, 'ID')
      .replaceAll(/-TW0100-\w{12}/g, 'PEER-ID')
      .replaceAll(/(?<=\bkey {2,})[0-9a-f]{8}/gi, 'KEY')
      .replaceAll(/(?<=\bport {2,})\d+$/gm, 'OUR-PORT')
      .replaceAll(/(?<=Date {2,})\S.*/g, 'DATE')
      .replaceAll(/(?<=Sec-WebSocket-(?:Key|Accept) {2,})\S.*/g, 'RANDOM')
      .replaceAll(/(?<=bytes {2,}00000000 )[0-9a-f]{8}/g, 'ID')
      .replaceAll(/body, \d+ bytes, gzip/g, 'body, SOME bytes, gzip')
      // Whether a connection is kept is no matter here.
      .replaceAll(/^ +(?:Connection|Keep-Alive) .*\n/gm, '')
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'MOMENT')
  )
}
