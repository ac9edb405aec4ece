import { escapeXml } from '../feeds/atom.js'
import { textWidth } from './width.js'

/** A badge: what it is about, what is to be said, and how that is. */
export interface Badge {
  /** Empty: no part on the left. */
  readonly label: string
  readonly message: string
  readonly tone: Tone
}

/** White text is readable on each of them (WCAG AA). */
const colors = { good: '#2e7d32', fair: '#8a5a00', bad: '#b42318', plain: '#0b5cad', unknown: '#616161' } as const
export type Tone = keyof typeof colors
const LABEL_COLOR = '#444444'

interface Style {
  readonly height: number
  readonly fontSize: number
  /** On either side of a text, px. */
  readonly padding: number
  readonly radius: number
  readonly letterSpacing: number
  readonly upperCase: boolean
}

export const badgeStyles = {
  flat: { height: 20, fontSize: 11, padding: 6, radius: 3, letterSpacing: 0, upperCase: false },
  'flat-square': { height: 20, fontSize: 11, padding: 6, radius: 0, letterSpacing: 0, upperCase: false },
  'for-the-badge': { height: 28, fontSize: 10, padding: 11, radius: 0, letterSpacing: 1.25, upperCase: true },
} as const satisfies Record<string, Style>
export type BadgeStyle = keyof typeof badgeStyles

/** A badge as SVG without style attributes, scripts, ids or anything fetched from elsewhere. */
export function renderBadge({ label, message, tone }: Badge, styleName: BadgeStyle): string {
  const style: Style = badgeStyles[styleName]
  const left = label === '' ? null : partOf(label, 0, style)
  const right = partOf(message, left?.width ?? 0, style)
  const width = (left?.width ?? 0) + right.width
  const title = escapeXml(label === '' ? message : `${label}: ${message}`)
  const { height, radius, fontSize } = style
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" rx="${radius}" fill="${colors[tone]}"/>`,
    left === null ? '' : `<path d="${leftSide(left.width, height, radius)}" fill="${LABEL_COLOR}"/>`,
    `<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="${fontSize}" text-anchor="middle">`,
    left === null ? '' : left.text,
    `${right.text}</g></svg>\n`,
  ].join('')
}

/** As shields.io reads it from elsewhere ("endpoint"). */
export function renderEndpoint({ label, message, tone }: Badge): string {
  return `${JSON.stringify({ schemaVersion: 1, label, message, color: colors[tone] })}\n`
}

/** One of the two parts, with its text in the middle. */
function partOf(given: string, from: number, style: Style): { readonly width: number; readonly text: string } {
  const text = style.upperCase ? given.toUpperCase() : given
  const textPx = Math.round(textWidth(text, style.fontSize) + style.letterSpacing * [...text].length)
  const width = textPx + 2 * style.padding
  const x = from + width / 2
  const y = style.height / 2 + style.fontSize * 0.36
  return { width, text: `<text x="${x}" y="${y.toFixed(1)}" textLength="${textPx}">${escapeXml(text)}</text>` }
}

/** A rectangle whose corners on the left are round. */
function leftSide(width: number, height: number, radius: number): string {
  if (radius === 0) return `M0 0h${width}v${height}H0z`
  const corner = `${radius} ${radius} 0 0 1`
  return `M${radius} 0H${width}V${height}H${radius}a${corner}-${radius}-${radius}V${radius}a${corner} ${radius}-${radius}z`
}
