/**
 * What a spreadsheet takes for a formula, and what was made of it. Texts come from strangers, and a formula may run
 * programs or send the sheet away.
 */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/
const DEFUSED = /^'+[=+\-@\t\r\n＝＋－＠]/

/** One cell of CSV (RFC 4180). A text that begins like a formula has an apostrophe in front; numbers stay numbers. */
export function csvCell(value: string | number | null): string {
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The text of a cell without its quotes, as it was before `csvCell`. */
export function textOfCell(cell: string): string {
  return DEFUSED.test(cell) ? cell.slice(1) : cell
}
