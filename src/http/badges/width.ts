/**
 * Widths of the characters from space to tilde in tenths of a pixel at 11 px, measured in DejaVu Sans, whose metrics are
 * close to those of Verdana.
 */
const TENTHS = [
  35, 44, 51, 92, 70, 105, 86, 30, 43, 43, 55, 92, 35, 40, 35, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 37, 37, 92,
  92, 92, 58, 110, 75, 75, 77, 85, 70, 63, 85, 83, 32, 32, 72, 61, 95, 82, 87, 66, 87, 76, 70, 67, 81, 75, 109, 75, 67,
  75, 43, 37, 43, 92, 55, 55, 67, 70, 60, 70, 68, 39, 70, 70, 31, 31, 64, 31, 107, 70, 67, 70, 70, 45, 57, 43, 70, 65,
  90, 65, 65, 58, 70, 37, 70, 92,
] as const
const FIRST = 0x20
/** A little more than most scripts need. */
const OTHER_TENTHS = 110

/** The width of a text in the usual font of badges, px. An estimate: the badge tells the browser to fit the text to it. */
export function textWidth(text: string, fontSize = 11): number {
  let tenths = 0
  for (const character of text) tenths += TENTHS[(character.codePointAt(0) ?? 0) - FIRST] ?? OTHER_TENTHS
  return (tenths / 10) * (fontSize / 11)
}
