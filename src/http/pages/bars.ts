import type { Outcome } from '../../tracker/outcome.js'
import { type Markup, markup } from './markup.js'

export type BarKind = Outcome['kind'] | 'degraded' | 'none'

/** One bar of a row: an hour, a day. */
export interface Bar {
  /** Gives the colour, and the height where that is not given. */
  readonly kind: BarKind
  /** 0 to 1. */
  readonly height?: number
  /** Text of hover and focus. The time comes first, as `utcMinute` or a day as `2026-11-22`; the script shows it in the reader's zone. */
  readonly title: string
}

interface BarsProps {
  /** Oldest first. */
  readonly bars: readonly Bar[]
  /** Sums them up for those who do not see them. */
  readonly label: string
}

/** Units of the drawing from one bar to the next. */
export const BAR_PITCH = 5
const BAR_WIDTH = 4
/** Of the drawing. */
export const BARS_HEIGHT = 24

/** The better the higher, so that the colour need not be told apart. */
export const barHeights: Readonly<Record<BarKind, number>> = {
  ok: 1,
  degraded: 0.75,
  rejected: 0.5,
  failed: 0.25,
  skipped: 1,
  none: 0.125,
}

/**
 * Bars of equal width, the newest on the right, each with a title. One stop of the tab key for all; the script `bars.js`
 * moves on by the arrow keys. A page with many rows takes `Beats`.
 */
export function Bars({ bars, label }: BarsProps): Markup {
  const drawn = bars.map(({ kind, height = barHeights[kind], title }, place) => {
    const x = BAR_PITCH * place + BAR_WIDTH / 2
    const top = Math.round(BARS_HEIGHT * (1 - Math.min(Math.max(height, 0.04), 1)))
    return markup`<path class="${kind}" d="M${x} ${BARS_HEIGHT}V${top}"><title>${title}</title></path>`
  })
  const width = BAR_PITCH * bars.length
  return markup`<svg class="bars" viewBox="0 0 ${width} ${BARS_HEIGHT}" preserveAspectRatio="none" role="img" tabindex="0" aria-label="${label}">${drawn}</svg>`
}
