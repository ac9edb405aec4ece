/** A column is as wide as its widest cell; numbers stand to the right. */
export interface Column {
  readonly title: string
  readonly align?: 'right'
}

/** Lines of a table with its titles, two spaces between columns, nothing at the end of a line. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const titles = columns.map(({ title }) => title)
  const widths = columns.map((_, index) => Math.max(...[titles, ...rows].map((row) => width(row[index] ?? ''))))
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align))
      .join('  ')
      .trimEnd()
  return [titles, ...rows].map(lineOf)
}

/** `text` with spaces to `size` characters. */
export function pad(text: string, size: number, align?: 'right'): string {
  const space = ' '.repeat(Math.max(0, size - width(text)))
  return align === 'right' ? space + text : text + space
}

function width(text: string): number {
  return [...text].length
}
