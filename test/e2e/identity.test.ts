import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { using } from '../support/check-local.js'
import { goodTracker, kindOf, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { startDaemon, trackerwatch } from './program.js'

/** Who announces, by BEP 15. */
function identityIn(announce: Buffer) {
  return {
    infoHash: announce.toString('hex', 16, 36),
    peerId: announce.toString('latin1', 36, 56),
    key: announce.readUInt32BE(88),
    port: announce.readUInt16BE(96),
  }
}

describe('a daemon that is started again', () => {
  it('is the same to its trackers, by a secret that it tells nobody', { timeout: 30_000 }, () =>
    using(startUdpTracker(goodTracker), async ({ url, received }) => {
      const folder = freshFolder()
      const groups = [{ name: 'public', trackers: [url] }]
      const configFile = writeConfig(folder, { schedule: '* * * * * *', groups })
      const said: string[] = []
      const announced = async () => {
        const before = received.length
        const daemon = await startDaemon(configFile)
        await daemon.logged(({ msg, checked }) => msg === 'round ended' && checked === 1)
        const id = /href="(\/tracker\/[0-9a-f]{12})"/.exec(await daemon.get('/'))?.[1]
        for (const path of ['/', '/metrics', String(id), '/lists/alive.json']) said.push(await daemon.get(path))
        daemon.kill('SIGTERM')
        expect(await daemon.ended).toBe(0)
        said.push(JSON.stringify(daemon.log))
        return received
          .slice(before)
          .filter((packet) => kindOf(packet) === 'announce')
          .map(identityIn)
      }
      const [first, ...others] = [...(await announced()), ...(await announced())]
      expect(others.length).toBeGreaterThanOrEqual(3)
      expect(others).toEqual(others.map(() => first))

      const store = await openStore(`sqlite:${join(folder, 'data', 'trackerwatch.db')}`, { readOnly: true })
      const secret = await store.installSecret().finally(store.close)
      const printed = await trackerwatch(['config', 'print', '--config', configFile])
      expect([...said, printed.stdout].filter((text) => text.includes(secret))).toEqual([])
    }),
  )
})
