import { DAY_MS, HOUR_MS } from '../tracker/time.js'

const unitsMs = { d: DAY_MS, h: HOUR_MS, m: 60_000, s: 1_000, ms: 1 } as const
type Unit = keyof typeof unitsMs

const PART = /(\d+(?:\.\d+)?)(ms|d|h|m|s)/g
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|d|h|m|s))+$/
const EXPECTED = 'expected a duration such as 250ms, 30s, 5m, 1h30m or 30d'

/**
 * Text such as `30s` or `1h30m` → ms, 0 or more, whole. Units are d, h, m, s and ms, each at most once and in this
 * order. A `RangeError` names the value and what was expected.
 */
export function parseDuration(text: string): number {
  if (!WHOLE.test(text)) throw new RangeError(`"${text}", ${EXPECTED}`)
  const order = Object.keys(unitsMs)
  let totalMs = 0
  let last = -1
  for (const [, count = '', unit = ''] of text.matchAll(PART)) {
    const place = order.indexOf(unit)
    if (!isUnit(unit) || place <= last) throw new RangeError(`"${text}", ${EXPECTED}, the larger unit first`)
    last = place
    totalMs += Number(count) * unitsMs[unit]
  }
  const rounded = Math.round(totalMs)
  if (Number.isSafeInteger(rounded)) return rounded
  throw new RangeError(`"${text}" is too long, ${EXPECTED}`)
}

function isUnit(text: string): text is Unit {
  return Object.hasOwn(unitsMs, text)
}
