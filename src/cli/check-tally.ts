import type { CheckResult } from '../tracker/outcome.js'

/** Counts results for the line at the end. */
export interface Tally {
  readonly add: (result: CheckResult) => void
  /** `184 of 203 alive, 12 rejected, 2 failed, 5 skipped · 6.1 s` */
  readonly summary: () => string
}

export function createTally(total: number): Tally {
  const startedAt = performance.now()
  const counts = { alive: 0, rejected: 0, failed: 0, skipped: 0 }
  return {
    add: ({ alive, outcome }) => {
      if (alive) counts.alive++
      else if (outcome.kind !== 'ok') counts[outcome.kind]++
    },
    summary: () => {
      const { alive, ...others } = counts
      const unfinished = total - alive - others.rejected - others.failed - others.skipped
      const parts = Object.entries({ ...others, 'not checked': unfinished }).flatMap(([word, count]) =>
        count === 0 ? [] : `, ${count} ${word}`,
      )
      const seconds = (performance.now() - startedAt) / 1000
      return `${alive} of ${total} alive${parts.join('')} · ${seconds.toFixed(1)} s`
    },
  }
}
