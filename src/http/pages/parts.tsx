import { statusWords } from '../../tracker/explain.js'
import type { Status } from '../../tracker/health.js'
import type { Outcome } from '../../tracker/outcome.js'
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

const outcomes: Readonly<Record<Outcome['kind'], { readonly shape: string; readonly word: string }>> = {
  ok: { shape: '●', word: 'Answered' },
  rejected: { shape: '▲', word: 'Refused' },
  failed: { shape: '■', word: 'Failed' },
  skipped: { shape: '–', word: 'Skipped' },
}

/** Text, colour and shape, so that none has to carry the meaning alone. */
export function StatusMark({ status }: { status: Status }) {
  return <Mark kind={status} shape={statusShapes[status]} word={statusWords[status]} />
}

export function OutcomeMark({ kind }: { kind: Outcome['kind'] }) {
  return <Mark kind={kind} {...outcomes[kind]} />
}

function Mark({ kind, shape, word }: { kind: string; shape: string; word: string }) {
  return (
    <span class={`status ${kind}`}>
      <span class="shape" aria-hidden="true">
        {shape}
      </span>
      {word}
    </span>
  )
}

export function Moment({ at, now }: { at: Date; now: Date }) {
  return (
    <time datetime={at.toISOString()} title={utc(at)}>
      {relative(at, now)}
    </time>
  )
}

/** A sentence of ours and, below it, what the tracker or the network said. */
export function Why({ sentence, said }: { sentence: string | null; said: string | null }) {
  return (
    <>
      {sentence !== null && <div class="why">{sentence}</div>}
      {said !== null && said !== '' && <div class="why said">{said}</div>}
    </>
  )
}
