/** A row of the table that the bench prints. */
export interface Line {
  readonly what: string
  readonly floor: string
  readonly ours: string
  readonly target: string
  readonly met: boolean
}

/** As a README wants it. */
export function tableOf(lines: readonly Line[]): string {
  const rows = lines.map(({ what, floor, ours, target, met }) => [what, floor, ours, target, met ? 'yes' : 'NO'])
  const table = [['', 'bare', 'trackerwatch', 'target', 'met'], ['---', '---:', '---:', '---:', '---'], ...rows]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')
  return table.map((row) => `| ${line(row)} |`).join('\n')
}
