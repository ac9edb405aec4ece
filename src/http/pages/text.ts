/** Values → the short texts of the pages. */

export { duration, relative } from '../client/relative.js'

const UNKNOWN = '–'

/**
 * Ratio → per cent, cut and never rounded up: `100 %` is said only of an uptime without any downtime, `0 %` only of
 * one without any uptime.
 */
export function percent(ratio: number | null): string {
  if (ratio === null) return UNKNOWN
  if (ratio >= 1) return '100 %'
  if (ratio <= 0) return '0 %'
  if (ratio < 0.001) return '< 0.1 %'
  // Without the tiny addend 0.29 × 1000 is 289.99999999999994.
  const decimals = ratio >= 0.99 ? 2 : 1
  const cut = Math.floor(ratio * 100 * 10 ** decimals + 1e-9) / 10 ** decimals
  return `${Math.min(cut, 99.99).toFixed(decimals)} %`
}

export function milliseconds(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return UNKNOWN
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** `2026-11-22 10:00:00 UTC` */
export function utc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `2026-11-22 10:00 UTC`. A page of bars says it thirty thousand times, and `toISOString` takes eight times as long. */
export function utcMinute(at: Date): string {
  const day = `${at.getUTCFullYear()}-${twoDigits(at.getUTCMonth() + 1)}-${twoDigits(at.getUTCDate())}`
  return `${day} ${twoDigits(at.getUTCHours())}:${twoDigits(at.getUTCMinutes())} UTC`
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`
}

export function orUnknown(value: string | number | null): string {
  return value === null ? UNKNOWN : String(value)
}
