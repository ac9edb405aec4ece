import type { Io } from './io.js'

/** Text in colour, or as it is. */
export type Paint = Readonly<Record<keyof typeof codes, (text: string) => string>>

const codes = { good: 32, warn: 33, bad: 31, dim: 90 } as const

/** Colours for stdout: only on a terminal, and not where `NO_COLOR` is set (no-color.org). */
export function createPaint({ isTTY, env }: Pick<Io, 'isTTY' | 'env'>): Paint {
  const inColour = isTTY.stdout && (env.NO_COLOR ?? '') === ''
  const paint = (code: number) => (text: string) => (inColour && text !== '' ? `\x1b[${code}m${text}\x1b[39m` : text)
  return { good: paint(codes.good), warn: paint(codes.warn), bad: paint(codes.bad), dim: paint(codes.dim) }
}
