import type { RecentCheck } from '../../src/store/store.js'

export function answeredAt(checkedAt: Date, over: Partial<RecentCheck> = {}): RecentCheck {
  return { checkedAt, outcome: 'ok', reason: null, code: null, message: null, flags: [], latencyMs: 40, ...over }
}

export function failedAt(checkedAt: Date): RecentCheck {
  return answeredAt(checkedAt, { outcome: 'failed', reason: 'timeout', code: 'udp.timeout', latencyMs: null })
}
