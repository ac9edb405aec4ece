import { describe, expect, it } from 'vitest'
import { using } from '../support/check-local.js'
import { bencodeText } from '../support/encode.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { run } from './support.js'

/** The object that `check --json` prints for a tracker that answers like this. */
async function printed(respond: Parameters<typeof startHttpTracker>[0]) {
  const { stdout } = await using(startHttpTracker(respond), ({ url }) =>
    run(['check', '--allow-private', '--json', '--timeout', '5s', url]),
  )
  return JSON.parse(stdout)
}

describe('check --json', () => {
  it('adds the bytes of a refusal that is not UTF-8, and only of such a one', async () => {
    const bytes = Buffer.from('cde5f2', 'hex')
    const foreign = await printed((_, response) => response.end(bencodeText({ 'failure reason': bytes })))
    const read = { message: '\ufffd\ufffd\ufffd', messageHex: 'cde5f2' }
    expect(foreign).toMatchObject({ outcome: 'rejected', ...read, probes: [read] })
    const known = await printed((_, response) => response.end(bencodeText({ 'failure reason': 'Нет' })))
    expect(known).toMatchObject({ message: 'Нет' })
    expect(known).not.toHaveProperty('messageHex')
  })

  it('names where a tracker redirects to', async () => {
    const { probes } = await printed(({ url = '' }, response) => {
      if (url.startsWith('/new')) response.end(goodAnswer())
      else response.writeHead(301, { Location: url.replace('/announce', '/new/announce') }).end()
    })
    expect(probes).toEqual([
      expect.objectContaining({ redirectedTo: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/new\/announce$/) }),
    ])
  })
})
