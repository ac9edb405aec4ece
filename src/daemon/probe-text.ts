import { collectExchange } from '../cli/explain-collect.js'
import { exchangeLines, verdictLines } from '../cli/explain-text.js'
import { verdictOf } from '../cli/explain-verdict.js'
import { createPaint } from '../cli/paint.js'
import type { ProbeModule } from '../config/config.js'
import type { OnTrace } from '../probe/trace.js'
import type { CheckResult } from '../tracker/outcome.js'
import type { Tracker } from '../tracker/tracker.js'
import type { OwnTerms } from './plan.js'

/** What `/probe?debug=true` shows of a check: the exchange and the verdict as `check --explain` does, and the terms. */
export interface ProbeText {
  readonly onTrace: OnTrace
  readonly render: (result: CheckResult, terms: OwnTerms, accept: ProbeModule['accept']) => string
}

const NAME_WIDTH = 24

export function createProbeText(tracker: Tracker, headers: OwnTerms['headers']): ProbeText {
  const { onTrace, soFar } = collectExchange(tracker, headers)
  const paint = createPaint({ isTTY: { stdout: false, stderr: false }, env: {} })
  return {
    onTrace,
    render: (result, terms, accept) => {
      const { events, exchange, shown } = soFar()
      const verdict = verdictOf(result, events, { aliveWhen: terms.aliveWhen, shown })
      const lines = [
        ...exchangeLines(exchange, paint),
        '',
        ...verdictLines(verdict, paint),
        '',
        'Module:',
        ...termLines(terms, accept),
      ]
      return lines.map((line) => `${line}\n`).join('')
    },
  }
}

/** The keys as in the configuration. Of headers and torrents only that there are some: they may be secrets. */
function termLines(terms: OwnTerms, accept: ProbeModule['accept']): readonly string[] {
  const rows: readonly (readonly [key: string, value: string])[] = [
    ['accept', accept.join(', ')],
    ['timeout', `${terms.withinMs} ms for all of it`],
    ['family', String(terms.family)],
    ['allow_private', String(terms.allowPrivate)],
    ['bep34', terms.bep34],
    ['tls', terms.tls],
    ['redirects', terms.redirects],
    ['user_agent', terms.userAgent],
    ['headers', Object.keys(terms.headers).join(', ') || 'none'],
    ['info_hash', terms.infoHash === null ? 'one that nobody has' : 'one of the configuration'],
    ['reference_info_hashes', String(terms.referenceInfoHashes.length)],
    ['keeps_peers', String(terms.keepsPeers)],
  ]
  return rows.map(([key, value]) => `  ${key.padEnd(NAME_WIDTH)}${value}`)
}
