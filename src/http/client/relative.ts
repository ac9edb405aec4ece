/** Moments in the words of the pages. The server says them first, the browser goes on. */

const units = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
] as const

/** In the largest unit of which there are at least two, cut: `119 s`, `23 h`, `3 d`. */
export function duration(ms: number): string {
  const unit = units.find((candidate) => ms >= 2 * candidate.ms) ?? { name: 's', ms: 1_000 }
  return `${Math.floor(ms / unit.ms)} ${unit.name}`
}

/** `12 s ago`, `in 3 min`. */
export function relative(at: Date, now: Date): string {
  const ms = now.getTime() - at.getTime()
  return ms >= 0 ? `${duration(ms)} ago` : `in ${duration(-ms)}`
}
