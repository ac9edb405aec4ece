import { describe, expect, it } from 'vitest'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { using } from '../support/check-local.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { createAuthority } from '../support/tls.js'
import { run } from './support.js'

describe.skipIf(!isInstalled('openssl'))(titleFor('check --tls', 'openssl'), () => {
  it('fails for a certificate that clients refuse, unless it is told to report it', async () => {
    const authority = createAuthority()
    const certificate = authority.selfSigned('IP:127.0.0.1')
    authority.remove()
    const starting = startHttpTracker((_, response) => response.end(goodAnswer()), { tls: certificate })
    await using(starting, async ({ url }) => {
      const strict = await run(['check', '--allow-private', '--json', url])
      const report = await run(['check', '--allow-private', '--json', '--tls', 'report', url])
      expect([strict.code, report.code]).toEqual([1, 0])
      expect(JSON.parse(strict.stdout)).toMatchObject({ alive: false, code: 'tls.cert_self_signed' })
      expect(JSON.parse(report.stdout)).toMatchObject({
        alive: true,
        flags: expect.arrayContaining(['tls.cert_self_signed']),
      })
    })
  })
})
