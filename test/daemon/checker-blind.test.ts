import { describe, expect, it, onTestFinished } from 'vitest'
import { toConfig } from '../../src/config/config.js'
import { settingsSchema } from '../../src/config/schema.js'
import { type CheckerHooks, createChecker } from '../../src/daemon/plan.js'
import { createIdentity } from '../../src/probe/identity.js'
import { type CheckResult, flagsOf } from '../../src/tracker/outcome.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { block } from '../support/block.js'
import { summary, using } from '../support/check-local.js'
import { startDnsServer } from '../support/dns-server.js'
import { announced, goodTracker, scripted, startUdpTracker } from '../support/udp-tracker.js'

/** Checks as the daemon makes them; the checker ends with the test. */
function checkerOf(probe: Readonly<Record<string, unknown>>, hooks: Partial<CheckerHooks>) {
  const settings = {
    groups: [{ name: 'public' }],
    probe: { allow_private: true, family: 4, bep34: 'ignore', ...probe },
  }
  const config = toConfig(settingsSchema.parse(settings), [])
  const checker = createChecker(config, createIdentity(), {
    onStall: () => {},
    onChecked: () => {},
    onResolver: () => {},
    ...hooks,
  })
  onTestFinished(checker.close)
  return async (url: string): Promise<CheckResult> => {
    const { tracker } = parseTracker(url)
    if (tracker === undefined) throw new Error(`${url} does not parse`)
    const watched = { tracker, group: 'public', aliveWhen: 'announce' } as const
    const result = await checker.check(watched, new AbortController().signal)
    if (result === null) throw new Error(`no result for ${url}`)
    return result
  }
}

describe('a checker that is blind', () => {
  it('tells when its name servers fail for every name, and when they are back, and holds it against no tracker', async () => {
    const way = { open: true }
    const said: boolean[] = []
    await using(
      startDnsServer(() => (way.open ? { addresses: ['127.0.0.1'] } : 'silent'), { root: 'silent' }),
      (dns) =>
        using(startUdpTracker(goodTracker), async ({ port }) => {
          const dnsServers = { dns: { servers: [dns.address] }, timeout: '3s' }
          const check = checkerOf(dnsServers, { onResolver: (up) => said.push(up) })
          const verdict = async (name: string) => summary((await check(`udp://${name}.test:${port}`)).outcome)
          expect(await verdict('first')).toBe('ok')
          way.open = false
          const blind = ['second', 'third', 'fourth']
          expect(await Promise.all(blind.map(verdict))).toEqual(blind.map(() => 'skipped local.dns'))
          // What is known already needs no name server.
          expect(await verdict('first')).toBe('ok')
          way.open = true
          expect(await verdict('fifth')).toBe('ok')
        }),
    )
    expect(said).toEqual([true, false, true])
  })

  it('tells that it stood still, and keeps the latency of nothing that was under way', async () => {
    const stalls: number[] = []
    const blocking = scripted({
      announce: (transactionId, packet) => {
        setImmediate(block, 300)
        return announced()(transactionId, packet)
      },
    })
    await using(startUdpTracker(blocking), async ({ url }) => {
      const check = checkerOf({ timeout: '5s' }, { onStall: (lengthMs) => stalls.push(lengthMs) })
      const { outcome, latencyMs, probes } = await check(url)
      expect({ kind: outcome.kind, latencyMs, phases: probes[0]?.phases }).toEqual({
        kind: 'ok',
        latencyMs: null,
        phases: {},
      })
      expect(flagsOf(outcome)).toContain('clock_skew')
      expect(stalls.some((lengthMs) => lengthMs >= 200)).toBe(true)
    })
  })
})
