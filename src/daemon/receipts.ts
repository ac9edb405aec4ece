import { randomBytes } from 'node:crypto'
import type { LineState, Receipt } from '../http/submissions.js'

/** A line whose state may still change. */
export interface OpenLine {
  readonly text: string
  state: LineState
}

/** What became of the lines of the last submissions. */
export interface Receipts {
  add(lines: readonly OpenLine[]): Receipt
  get(id: string): Receipt | null
}

/** Of the newest so many submissions, since nobody says when a receipt has been read. */
const KEPT = 500

export function createReceipts(): Receipts {
  const receipts = new Map<string, Receipt>()
  return {
    add: (lines) => {
      const receipt = { id: randomBytes(16).toString('hex'), lines }
      receipts.set(receipt.id, receipt)
      if (receipts.size > KEPT) receipts.delete(receipts.keys().next().value ?? '')
      return receipt
    },
    get: (id) => receipts.get(id) ?? null,
  }
}
