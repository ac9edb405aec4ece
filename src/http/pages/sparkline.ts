import { type Markup, markup } from './markup.js'
import { milliseconds } from './text.js'

/** Of the drawing, which is stretched; whole numbers keep the page small. */
const STEP = 3
const HEIGHT = 40
const MARGIN = 2

/** A line of latencies, ms, oldest first, without a scale; broken where there was no answer. Null where there is no line. */
export function Sparkline({ values }: { values: readonly (number | null)[] }): Markup | null {
  const known = values.filter((value) => value !== null)
  const highest = Math.max(...known)
  if (known.length < 2) return null
  const title = `Latency from ${milliseconds(Math.min(...known))} to ${milliseconds(highest)}`
  const width = STEP * (values.length - 1)
  return markup`<svg class="spark" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title}"><title>${title}</title><path d="${pathOf(values, highest)}"></path></svg>`
}

/** From 0 up, so that a steady tracker has a flat line. A lone value is a dot. */
function pathOf(values: readonly (number | null)[], highest: number): string {
  let path = ''
  let isDown = false
  for (const [place, value] of values.entries()) {
    if (value !== null) {
      const y = Math.round(HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * value) / (highest || 1))
      path += `${isDown ? ' ' : 'M'}${place * STEP} ${y}${isDown || (values[place + 1] ?? null) !== null ? '' : 'h0'}`
    }
    isDown = value !== null
  }
  return path
}
