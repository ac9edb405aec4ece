/** What the server has put into a row of beats, read bar by bar: see `pages/beats.ts`. */
export interface Beat {
  /** `2026-11-22T10:00:00Z`; null where there was no check. */
  readonly at: Date | null
  /** The result, with the reason where it was not good. */
  readonly says: string
  /** Null where there was no answer. */
  readonly latencyMs: string | null
}

/** Oldest first. To be called while the titles are in their places. */
export function readBeats(row: SVGSVGElement): readonly Beat[] {
  const { count = '0', at = '', ms = '' } = row.dataset
  const moments = momentsIn(at)
  const latencies = ms.split(',')
  const says = [...row.querySelectorAll('path')].flatMap((path) => {
    const [first = ''] = (path.querySelector('title')?.textContent ?? '').split('\n')
    return Array.from({ length: barsOf(path) }, () => first)
  })
  const missing = Number(count) - moments.length
  return says.map((text, place) => ({
    at: moments[place - missing] ?? null,
    says: text,
    latencyMs: latencies[place - missing] || null,
  }))
}

/** A run of bars is one horizontal line, five units for each. */
function barsOf(path: SVGPathElement): number {
  return Number(/h(\d+)$/.exec(path.getAttribute('d') ?? '')?.[1] ?? 0) / 5
}

function momentsIn(text: string): readonly Date[] {
  let minute = 0
  return text
    .split(',')
    .filter((passed) => passed !== '')
    .map((passed) => {
      minute += Number.parseInt(passed, 36)
      return new Date(minute * 60_000)
    })
}
