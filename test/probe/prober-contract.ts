import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkLocal, openSockets, SHORT_MS, socketsSince, summary, using } from '../support/check-local.js'

/** What a fake tracker can do once it was asked. */
export interface Asked {
  readonly answer: () => void
  /** Something well formed that is no answer to the question. */
  readonly stray: () => void
  /** Bytes as they are: a datagram, or what comes next on the connection. */
  readonly raw: (bytes: Uint8Array) => void
}

export interface Fake {
  readonly url: string
  /** Resolves when the prober has closed all that it opened, which is before we stop. */
  readonly closed: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** What the contract has to know of a protocol. */
export interface Subject {
  readonly name: string
  /** A tracker that calls `onAsked` for each announce. */
  readonly start: (onAsked: (asked: Asked) => void) => Promise<Fake>
  /** Announce URL where nobody listens. */
  readonly closedUrl: () => Promise<string>
  /** A tracker that does not answer the question. */
  readonly timedOut: string
  readonly refused: string
  /** What has happened by the time the question is out. */
  readonly earlierPhases: readonly string[]
}

/** What every protocol owes: each does it over its own wire. */
export function proberContract(subject: Subject): void {
  /** Works with a tracker and sees to it that nothing stays open. */
  const withTracker = (onAsked: (asked: Asked) => void, work: (fake: Fake) => Promise<void>): Promise<void> =>
    using(subject.start(onAsked), async (fake) => {
      await work(fake)
      await fake.closed()
    })

  describe(`a check over ${subject.name}`, () => {
    let before: readonly string[]
    beforeEach(() => {
      before = openSockets()
    })
    afterEach(async () => {
      expect(await socketsSince(before)).toEqual([])
    })

    it('is ok when the tracker answers, and its phases add up to the latency', () =>
      withTracker(
        ({ answer }) => answer(),
        async ({ url }) => {
          const result = await checkLocal(url)
          expect(summary(result.outcome)).toBe('ok')
          expect(result.alive).toBe(true)
          const [probe] = result.probes
          expect(probe).toMatchObject({ attempts: 1, latencyMs: result.latencyMs })
          const durations = Object.values(probe?.phases ?? {})
          expect(durations.length).toBeGreaterThan(subject.earlierPhases.length)
          expect(durations.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(result.latencyMs ?? Number.NaN, 6)
        },
      ))

    it('passes over what is no answer to its question', () =>
      withTracker(
        ({ stray, answer }) => {
          stray()
          answer()
        },
        async ({ url }) => expect((await checkLocal(url)).outcome.kind).toBe('ok'),
      ))

    it('takes the first of two answers', () =>
      withTracker(
        ({ answer }) => {
          answer()
          answer()
        },
        async ({ url }) => expect((await checkLocal(url)).outcome.kind).toBe('ok'),
      ))

    it('has failed when its time is over, and knows the phases until then', () =>
      withTracker(
        () => {},
        async ({ url }) => {
          const result = await checkLocal(url, { timeoutMs: SHORT_MS })
          expect(summary(result.outcome)).toBe(subject.timedOut)
          expect(result).toMatchObject({ alive: false, latencyMs: null })
          expect(Object.keys(result.probes[0]?.phases ?? {})).toEqual(subject.earlierPhases)
        },
      ))

    it('has failed when its time is over, also where the tracker keeps talking', async () => {
      let talking: NodeJS.Timeout | undefined
      const talk = ({ stray }: Asked): void => {
        talking ??= setInterval(stray, SHORT_MS / 20)
      }
      try {
        await withTracker(talk, async ({ url }) => {
          const { outcome } = await checkLocal(url, { timeoutMs: SHORT_MS })
          expect(summary(outcome)).toBe(subject.timedOut)
        })
      } finally {
        clearInterval(talking)
      }
    })

    it('has failed where nobody listens', async () => {
      const { outcome } = await checkLocal(await subject.closedUrl(), { timeoutMs: SHORT_MS })
      expect(summary(outcome)).toBe(subject.refused)
    })

    it('pays no heed to an answer after its time, and the next check is a new one', () => {
      const asked: Asked[] = []
      return withTracker(
        (one) => void asked.push(one),
        async ({ url }) => {
          const late = await checkLocal(url, { timeoutMs: SHORT_MS, attempts: 1 })
          expect(summary(late.outcome)).toBe(subject.timedOut)
          for (const one of asked.splice(0)) one.answer()
          const next = checkLocal(url)
          await expect.poll(() => asked.length, { interval: 5 }).toBe(1)
          asked[0]?.answer()
          expect((await next).outcome.kind).toBe('ok')
        },
      )
    })

    it('asks nothing when it was aborted before, and rejects with the reason', () => {
      let questions = 0
      const count = (): void => {
        questions++
      }
      return withTracker(count, async ({ url }) => {
        const reason = new Error('not any more')
        await expect(checkLocal(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
        expect(questions).toBe(0)
      })
    })

    it('has no result when it is aborted while it waits: it rejects with the reason', () => {
      const stopping = new AbortController()
      const reason = new Error('we are leaving')
      return withTracker(
        () => stopping.abort(reason),
        async ({ url }) => {
          await expect(checkLocal(url, { signal: stopping.signal })).rejects.toBe(reason)
        },
      )
    })

    it('survives any bytes for an answer', { timeout: 30_000 }, async () => {
      const samples = fc.sample(fc.uint8Array({ minLength: 0, maxLength: 300 }), { numRuns: 100, seed: 20 })
      let next = 0
      const garble = ({ raw }: Asked): void => raw(samples[next++ % samples.length] ?? new Uint8Array())
      await withTracker(garble, async ({ url }) => {
        const checks = samples.map(() => checkLocal(url, { timeoutMs: SHORT_MS, attempts: 1 }))
        for (const { outcome } of await Promise.all(checks)) expect(outcome.kind).toBe('failed')
        expect(next).toBeGreaterThan(0)
      })
    })
  })
}
