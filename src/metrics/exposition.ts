import { mapInTurns } from './in-turns.js'

/**
 * Writer for Prometheus' text exposition format 0.0.4. prom-client renders the few families about ourselves; the
 * families that grow with the number of trackers go through here, which costs a fraction per sample and cannot keep
 * a series of a tracker that is gone.
 */
export const contentType = 'text/plain; version=0.0.4; charset=utf-8'

export interface FamilyHead {
  /** Full name with prefix and base unit; `_total` if and only if a counter. */
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
}

/** One family: HELP and TYPE once, then its samples in a row; the empty string where there is no sample. */
export function familyText(head: FamilyHead, samples: string): string {
  return samples === '' ? '' : familyHead(head) + samples
}

export function familyHead({ name, type, help }: FamilyHead): string {
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`
}

/** One line with its end. `labels` as `labelPairs` gives them. */
export function sampleLine(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${formatValue(value)}\n` : `${name}{${labels}} ${formatValue(value)}\n`
}

/** Label names must be valid already; values may be any text. */
export function labelPairs(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabelValue(value)}"`)
    .join(',')
}

function escapeLabelValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}

/** The pieces of a page as bytes, one after the other; copied once, with turns of the event loop between. */
export async function encodePage(pieces: readonly string[]): Promise<Buffer<ArrayBuffer>> {
  const lengths = await mapInTurns(pieces, (piece) => Buffer.byteLength(piece))
  const page = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  await mapInTurns(pieces, (piece) => {
    at += page.write(piece, at)
  })
  return page
}
