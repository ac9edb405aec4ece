import { createReadStream } from 'node:fs'
import { FileError, fileError } from '../config/text-file.js'
import { textOfCell } from '../export/csv-cell.js'
import { columnsOf, decodeRow, isTextCell, isTransferType } from '../export/rows.js'
import type { TransferRow } from '../store/transfer.js'
import { quoted, UsageError } from './usage.js'

/** Longer than any row; a file without line ends must not fill the memory. */
const MAX_ROW_CHARACTERS = 1_000_000

/** Reads the rows of a file of either format. @throws {UsageError} that names the line and what was expected */
export async function* readRows(file: string): AsyncGenerator<TransferRow> {
  let columns: readonly string[] | null = null
  for await (const { line, text, format } of records(file)) {
    try {
      if (format === 'json') yield decodeRow(JSON.parse(text))
      else if (columns === null) columns = csvColumns(text)
      else yield decodeRow(csvValues(columns, text))
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error
      throw new UsageError(`${file}:${line}: ${sentence(error)}`, { cause: error })
    }
  }
}

function sentence(error: Error): string {
  return error instanceof RangeError ? error.message : `no JSON (${error.message}), expected one object per line`
}

interface NumberedText {
  /** Where it begins. */
  readonly line: number
  readonly text: string
}

type Format = 'json' | 'csv'

interface FormattedText extends NumberedText {
  /** That of the whole file. */
  readonly format: Format
}

/** Lines that are not blank, but for the line ends within quotes of a CSV file, which belong to the record. */
async function* records(file: string): AsyncGenerator<FormattedText> {
  let format: Format | null = null
  let began: NumberedText | null = null
  for await (const { line, text } of lines(file)) {
    if (began === null && text.trim() === '') continue
    format ??= formatOf(text)
    // Before its quotes are counted: in the other format they end nowhere.
    if (began === null && formatOf(text) !== format) {
      throw new UsageError(`${file}:${line}: ${quoted(text)}, expected ${goesOn[format]}`)
    }
    const whole: NumberedText = began === null ? { line, text } : { line: began.line, text: `${began.text}\n${text}` }
    requireShort(file, whole.line, whole.text)
    // By this line alone: to count those of the record again at each of its lines would take hours.
    const isWithin: boolean = format === 'csv' && (began !== null) !== hasOddQuotes(text)
    began = isWithin ? whole : null
    if (began === null) yield { ...whole, text: whole.text.replace(/\r$/, ''), format }
  }
  if (began !== null) throw new UsageError(`${file}:${began.line}: a quote without its end, expected another`)
}

const goesOn: Readonly<Record<Format, string>> = {
  json: 'a JSON object as on the lines before it: one file is of one format',
  csv: 'cells as under the header before it: one file is of one format',
}

function formatOf(line: string): Format {
  return line.startsWith('{') ? 'json' : 'csv'
}

function hasOddQuotes(text: string): boolean {
  return text.split('"').length % 2 === 0
}

async function* lines(file: string): AsyncGenerator<NumberedText> {
  let line = 1
  let rest = ''
  for await (const chunk of characters(file, () => line)) {
    const parts = `${rest}${chunk}`.split('\n')
    rest = parts.pop() ?? ''
    for (const text of parts) {
      yield { line, text }
      line += 1
    }
    requireShort(file, line, rest)
  }
  if (rest !== '') yield { line, text: rest }
}

async function* characters(file: string, line: () => number): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const bytes of createReadStream(file)) yield decoder.decode(bytes, { stream: true })
    yield decoder.decode()
  } catch (error) {
    if (error instanceof TypeError) {
      const sentence = 'no UTF-8 from here on, expected JSON or CSV in plain text, as "db export" writes it'
      throw new UsageError(`${file}:${line()}: ${sentence}`, { cause: error })
    }
    const known = fileError(error)
    if (known instanceof FileError) throw new UsageError(`${file}: ${known.message}`, { cause: error })
    throw error
  }
}

function requireShort(file: string, line: number, text: string): void {
  if (text.length <= MAX_ROW_CHARACTERS) return
  throw new UsageError(`${file}:${line}: a row of more than ${MAX_ROW_CHARACTERS} characters, expected less`)
}

function csvColumns(text: string): readonly string[] {
  const columns = csvCells(text)
  if (columns[0] === 'type') return columns
  throw new RangeError(`${quoted(text)}, expected JSON or a CSV header that begins with type, as "db export" writes it`)
}

function csvValues(columns: readonly string[], text: string): Readonly<Record<string, unknown>> {
  const cells = csvCells(text)
  if (cells.length !== columns.length) throw new RangeError(`${cells.length} cells, expected ${columns.length}`)
  const type = cells[0] ?? ''
  const own = columnsOfType(type)
  const values = columns.flatMap((column, index) => {
    const cell = cells[index] ?? ''
    return cell === '' && !own.has(column) ? [] : [[column, csvValue(type, column, cell)] as const]
  })
  return Object.fromEntries(values)
}

function columnsOfType(type: string): ReadonlySet<string> {
  return new Set(isTransferType(type) ? columnsOf([type]) : [])
}

function csvValue(type: string, column: string, cell: string): unknown {
  if (cell === '') return null
  if (isTextCell(type, column)) return textOfCell(cell)
  try {
    return JSON.parse(cell)
  } catch {
    return cell // what is expected there says the column
  }
}

function csvCells(text: string): readonly string[] {
  const cells: string[] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/gy
  for (;;) {
    const found = cell.exec(text)
    if (found === null) throw new RangeError('a cell with a quote in the middle, expected quotes around it')
    const [, inQuotes, bare = '', end] = found
    cells.push(inQuotes === undefined ? bare : inQuotes.replaceAll('""', '"'))
    if (end === '') return cells
  }
}
