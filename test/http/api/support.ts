import type { z } from '@hono/zod-openapi'
import { createApi } from '../../../src/http/api/v1/api.js'
import type { ApiDeps, ApiStore } from '../../../src/http/api/v1/deps.js'
import { openStore } from '../../../src/store/open.js'
import type { Store } from '../../../src/store/store.js'
import { type Outcome, rejectClasses } from '../../../src/tracker/outcome.js'
import { trackerId, type WatchedTracker } from '../../../src/tracker/state.js'
import { rules, trackerOf } from '../../export/entries.js'
import { at, checksOf, DAY, HOUR, MINUTE, ok, policy, probe, records, timeout, watched } from '../../store/support.js'

export const PASSKEY = 'SecretSecretSecret1234'
export const PRIVATE_URL = `https://private.example:443/${PASSKEY}/announce`
/** As it is shown. */
export const MASKED_URL = 'https://private.example:443/***/announce'
export const HOSTILE = '<script>alert("x")</script>\r\n"quoted", =1+1 \u202e'

/** Everything the checks below are before. */
export const LATER = at(3 * DAY)
const policies = { ...policy, downAfter: 1 }

function outcomesOf(): readonly Outcome[] {
  return rejectClasses.map((code) => ({
    kind: 'rejected',
    code,
    message: `${HOSTILE} ${PRIVATE_URL}`,
    flags: ['packet_loss', 'fake_peers'],
    retryAfterS: null,
  }))
}

const secret: WatchedTracker = { tracker: trackerOf(PRIVATE_URL), group: HOSTILE, aliveWhen: 'response' }

/** Trackers of every kind, with two days of history: `a` flaps, `b` went down, `new` was never checked. */
export async function filledStore(): Promise<Store> {
  const store = await openStore('sqlite::memory:')
  await store.watch([watched('a'), watched('b'), watched('c'), watched('new'), secret], at(0))
  const letters = '+-+s-rr+-+'.repeat(30)
  await store.record(records(checksOf('a', letters, 0, 10 * MINUTE), policies))
  await store.record(records(checksOf('b', `${'+'.repeat(40)}${'-'.repeat(260)}`, 0, 10 * MINUTE), policies))
  await store.record(records(checksOf('c', '+'.repeat(300), 0, 10 * MINUTE), policies))
  const checks = [ok, timeout, ...outcomesOf(), ok].map((outcome, index) => ({
    url: PRIVATE_URL,
    checkedAt: at(index * HOUR),
    outcome,
    alive: outcome.kind !== 'failed',
    latencyMs: outcome.kind === 'failed' ? null : 20.123456,
    probes: [
      probe(outcome, { certificateExpiresAt: at(90 * DAY), redirectedTo: 'https://other.example:443/announce' }),
      probe(timeout, { family: 6, address: '2001:db8::7' }),
    ],
  }))
  await store.record(records(checks.slice(0, -1), policies))
  await store.roll(LATER)
  return store
}

export function idOf(name: string): string {
  return trackerId(watched(name).tracker.url)
}

export const privateId = trackerId(PRIVATE_URL)

type Counts = Readonly<Record<string, number>>

interface Item extends Readonly<Record<string, unknown>> {
  readonly id: string
  readonly url: string
  readonly host: string
  readonly uptime: Counts
}

/** An answer, as far as the tests look into it by name; each has a few of these. */
export interface Body {
  readonly items: readonly Item[]
  readonly next: string | null
  readonly total: { readonly from: string; readonly to: string; readonly checks: Counts; readonly uptime: Counts }
  readonly unit: string
  readonly from: string
  readonly to: string
  readonly byStatus: Counts
  readonly lists: Counts
  readonly lastCheck: { readonly probes: readonly unknown[] }
  readonly related: readonly Item[]
  readonly errors: readonly unknown[]
  readonly type: string
}

export async function bodyOf(answer: Response): Promise<Body> {
  return (await answer.json()) as Body
}

/** The API alone over a store; `get` parses the answer as JSON. */
export function apiOver(store: ApiStore, deps: Partial<ApiDeps> = {}) {
  const api = createApi({
    store,
    now: () => LATER,
    listRules: () => rules,
    status: () => ({ startedAt: at(0), lastRoundAt: at(DAY), nextRoundAt: null, version: '1.2.3', blind: ['no IPv6'] }),
    ...deps,
  })
  const get = async (path: string) => {
    const answer = await api.request(path.startsWith('/api/') ? path : `/api/v1${path}`)
    return { status: answer.status, headers: answer.headers, body: await bodyOf(answer) }
  }
  return { api, get }
}

/** The schema that the document is made of, for the answer 200 of each operation, by its id. */
export function schemasOf(api: ReturnType<typeof createApi>): ReadonlyMap<string, z.ZodType> {
  return new Map(
    api.openAPIRegistry.definitions.flatMap((definition) => {
      if (definition.type !== 'route') return []
      const { operationId, responses } = definition.route
      const answer = responses?.[200]
      const content = answer !== undefined && 'content' in answer ? answer.content?.['application/json'] : undefined
      const schema = content !== undefined && 'schema' in content ? content.schema : undefined
      return operationId === undefined || schema === undefined ? [] : [[operationId, schema as z.ZodType] as const]
    }),
  )
}
