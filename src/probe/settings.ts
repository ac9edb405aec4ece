/** How we name ourselves to HTTP trackers where nobody says otherwise; some refuse an empty name. */
export const DEFAULT_USER_AGENT = 'trackerwatch'

/** `value` if it is a whole number in range, else a `RangeError` that names the option. */
export function integer(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new RangeError(`${name} is ${value}, expected a whole number from ${min} to ${max}`)
}

/** The time that name resolution has beside a timeout for the exchange, ms. */
export function resolveLimitMs(timeoutMs: number): number {
  return Math.min(timeoutMs, 5000)
}
