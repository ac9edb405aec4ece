import type { Field } from '../bittorrent/describe.js'
import type { TraceEvent } from '../probe/trace.js'
import type { Tracker } from '../tracker/tracker.js'
import type { Shown } from './explain-shown.js'

/** An event of a check, decoded and fit to be shown, for people and programs alike. */
export interface Entry extends Telling {
  readonly event: TraceEvent['kind']
  /** Since the check began. */
  readonly atMs: number
  readonly probe: TraceEvent['probe']
}

/** What there is to tell of an event. */
export interface Telling {
  readonly title: string
  readonly direction?: 'sent' | 'received'
  readonly tone?: 'good' | 'warn' | 'bad'
  /** Why something was ignored, or what else is worth a remark. */
  readonly note?: string
  readonly fields?: readonly EntryField[]
}

export interface EntryField extends Omit<Field, 'value'> {
  readonly value: string | number
}

/** What an event is told with. */
export interface Context {
  readonly tracker: Tracker
  readonly shown: Shown
}

export function fieldsOf(fields: readonly Field[], { shown }: Context): readonly EntryField[] {
  return fields.map((field) => ({ ...field, name: shown.text(field.name), value: shownValue(field.value, shown) }))
}

function shownValue(value: Field['value'], shown: Shown): string | number {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? shown.text(value) : shown.bytes(value)
}
