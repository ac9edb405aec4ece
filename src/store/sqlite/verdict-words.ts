import { type Flag, flagDegrades } from '../../tracker/outcome.js'
import type { StoredCheck } from '../stored-check.js'
import { outcomeWord, reasonWord } from './codes.js'

/** What a row of `verdict` says, in words. */
export type Said = Pick<StoredCheck, 'outcome' | 'reason' | 'code' | 'message' | 'flags'>

/** The columns that say it. */
export interface VerdictRow {
  readonly outcome: number
  readonly reason: number
  readonly code: string
  readonly message: string
  readonly flags: string
  readonly decisive: number
}

export function saidOf({ outcome, reason, code, message, flags }: Omit<VerdictRow, 'decisive'>): Said {
  return {
    outcome: outcomeWord(outcome),
    reason: reasonWord(reason),
    code: code === '' ? null : code,
    message: message === '' ? null : message,
    flags: flags.split(',').filter(isFlag),
  }
}

function isFlag(text: string): text is Flag {
  return Object.hasOwn(flagDegrades, text)
}
