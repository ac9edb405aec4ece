import { statusWords } from '../../tracker/explain.js'
import type { Status } from '../../tracker/health.js'
import type { Outcome } from '../../tracker/outcome.js'
import { type Markup, markup } from './markup.js'
import { relative, utc } from './text.js'

const statusShapes: Readonly<Record<Status, string>> = {
  pending: '○',
  up: '●',
  degraded: '◐',
  rejecting: '▲',
  down: '■',
  unknown: '?',
  unsupported: '–',
  paused: '‖',
}

export const outcomes: Readonly<Record<Outcome['kind'], { readonly shape: string; readonly word: string }>> = {
  ok: { shape: '●', word: 'Answered' },
  rejected: { shape: '▲', word: 'Refused' },
  failed: { shape: '■', word: 'Failed' },
  skipped: { shape: '–', word: 'Skipped' },
}

/** Text, colour and shape, so that none has to carry the meaning alone. */
export function StatusMark({ status }: { status: Status }): Markup {
  return mark(status, statusShapes[status], statusWords[status])
}

export function OutcomeMark({ kind }: { kind: Outcome['kind'] }): Markup {
  return mark(kind, outcomes[kind].shape, outcomes[kind].word)
}

function mark(kind: string, shape: string, word: string): Markup {
  return markup`<span class="status ${kind}"><span class="shape" aria-hidden="true">${shape}</span>${word}</span>`
}

interface MomentProps {
  readonly at: Date
  readonly now: Date
  /** Whether it is still to come: the script says "now" once it has passed, and not how long ago. */
  readonly isDue?: boolean
}

export function Moment({ at, now, isDue = false }: MomentProps): Markup {
  const due = isDue ? markup` data-due=""` : null
  return markup`<time datetime="${at.toISOString()}" title="${utc(at)}"${due}>${relative(at, now)}</time>`
}

/** A sentence of ours and, below it, what the tracker or the network said. */
export function Why({ sentence, said }: { sentence: string | null; said: string | null }): Markup {
  const first = sentence === null ? null : markup`<div class="why">${sentence}</div>`
  const second = said === null || said === '' ? null : markup`<div class="why said">${said}</div>`
  return markup`${first}${second}`
}
