import { type TransferKind, type TransferRow, transferKinds, transferTypes } from '../store/transfer.js'
import { csvCell } from './csv-cell.js'
import { jsonText } from './json-text.js'
import { columnsOf, encodeRow } from './rows.js'

/** Rows as text: what `db export` writes and `db import` reads again, and what the API gives. */
export interface RowText {
  /** In front of all rows. */
  readonly head: string
  readonly line: (row: TransferRow) => string
}

interface RowFormat {
  readonly contentType: string
  readonly extension: string
  readonly textOf: (kind: TransferKind) => RowText
}

/** By the name that `--format` knows. */
export const rowFormats = {
  /** One object per line. */
  json: {
    contentType: 'application/x-ndjson; charset=utf-8',
    extension: 'ndjson',
    textOf: () => ({ head: '', line: (row) => `${jsonText(encodeRow(row))}\n` }),
  },
  /** RFC 4180. What is neither text nor a number is JSON; a text is no formula, see `csvCell`. */
  csv: {
    contentType: 'text/csv; charset=utf-8; header=present',
    extension: 'csv',
    textOf: (kind) => {
      const columns = columnsOf(transferTypes[kind])
      const line = (cells: readonly unknown[]) => `${cells.map(cellOf).join(',')}\r\n`
      return {
        head: line(columns),
        line: (row) => {
          const values = encodeRow(row)
          return line(columns.map((column) => values[column]))
        },
      }
    },
  },
} as const satisfies Record<string, RowFormat>

export interface RowFile extends RowFormat {
  readonly kind: TransferKind
  readonly name: string
}

/** Every kind of rows in every format. */
export const rowFiles: readonly RowFile[] = transferKinds.flatMap((kind) =>
  Object.values(rowFormats).map((format) => ({ ...format, kind, name: `${kind}.${format.extension}` })),
)

/** Characters that are put together before they are given away. */
const CHUNK = 64 * 1024

/** The text of rows in pieces. Holds no more than a slice of them in memory, however slowly they are taken. */
export async function* textOfRows(
  rows: AsyncIterable<TransferRow>,
  { head, line }: RowText,
): AsyncGenerator<string, void, undefined> {
  let text = head
  for await (const row of rows) {
    text += line(row)
    if (text.length < CHUNK) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

function cellOf(value: unknown): string {
  return csvCell(typeof value === 'string' || typeof value === 'number' ? value : jsonOf(value))
}

/** Of a list, an object or a boolean: it begins with no sign of a formula. */
function jsonOf(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value)
}
