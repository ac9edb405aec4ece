import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvCell, textOfCell } from '../../src/export/csv-cell.js'
import { rowFormats } from '../../src/export/row-text.js'
import type { TransferRow } from '../../src/store/transfer.js'

/** The cell as any reader of CSV has it. */
const unquoted = (cell: string): string => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)

/** Texts of which many begin with what makes a formula, or with apostrophes. */
const hostile = fc
  .tuple(fc.array(fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', '\n', '＝', '"', ',', 'a')), fc.string())
  .map(([first, rest]) => first.join('') + rest)

describe('a cell of CSV', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['=HYPERLINK("http://evil.example","x")', `"'=HYPERLINK(""http://evil.example"",""x"")"`],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', `"'\r=1"`],
    ['＝1', "'＝1"],
    ["'=1", "''=1"],
    ["'t is so", "'t is so"],
    ['a=1', 'a=1'],
    ['', ''],
  ])('holds the text %j as no formula: %j', (text, cell) => {
    expect(csvCell(text)).toBe(cell)
  })

  it('holds a number as a number, and nothing for null', () => {
    expect([-1, 0, 41.5, null].map(csvCell)).toEqual(['-1', '0', '41.5', ''])
  })

  it('of a row is a text, a number or JSON', () => {
    const said = { reason: null, code: null, message: '-1', latencyMs: -1, attempts: 1, packetsSent: 2, packetsLost: 0 }
    const row: TransferRow = {
      ...{ type: 'check', url: 'udp://a.example:1', checkedAt: new Date(0), family: 4, outcome: 'rejected' },
      ...{ ...said, flags: ['slow'], decisive: true },
    }
    expect(rowFormats.csv.textOf('checks').line(row)).toBe(
      `check,udp://a.example:1,1970-01-01T00:00:00.000Z,4,rejected,,,'-1,"[""slow""]",-1,1,2,0,true\r\n`,
    )
  })

  it('gives back whatever text was put in, and is never a formula', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const cell = unquoted(csvCell(text))
        expect(textOfCell(cell)).toBe(text)
        expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
      }),
      { numRuns: 1000 },
    )
  })

  it('of a file without such apostrophes is the text as it stands there', () => {
    for (const text of ['=1+1', "'t is so", "''", 'a']) expect(textOfCell(text)).toBe(text)
  })
})
