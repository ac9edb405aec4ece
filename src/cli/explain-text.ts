import { milliseconds } from '../http/pages/text.js'
import type { Entry, EntryField } from './explain-entry.js'
import { type Verdict, verdictRows } from './explain-verdict.js'
import type { Paint } from './paint.js'
import { pad } from './table.js'

/** What happened in a check. */
export interface Exchange {
  readonly url: string
  readonly entries: readonly Entry[]
  /** Packets and messages beyond those shown. */
  readonly ignored: number
}

const TIME_WIDTH = 9
const INDENT = ' '.repeat(TIME_WIDTH + 5)
const NAME_WIDTH = 22
const MARKS = { sent: '→', received: '←' } as const
/** Shown as a heading, in the verdict, or by the answer that came. */
const NOT_LISTED: readonly Entry['event'][] = ['probe_began', 'family_settled']

/** For people: one section for the name, one per address. Times count from the start of the check. */
export function exchangeLines({ url, entries, ignored }: Exchange, paint: Paint): readonly string[] {
  const sections = sectionsOf(entries).flatMap(({ heading, listed }) => [
    '',
    heading,
    ...listed.flatMap((entry, index) => entryLines(entry, listed.slice(0, index), paint)),
  ])
  const more = ignored === 0 ? [] : ['', paint.warn(`${ignored} more packets or messages came and were ignored`)]
  return [url, ...sections, ...more]
}

interface Section {
  readonly heading: string
  readonly listed: readonly Entry[]
}

function sectionsOf(entries: readonly Entry[]): readonly Section[] {
  const shared = entries.filter(({ probe }) => probe === null)
  const began = entries.filter(({ event }) => event === 'probe_began')
  const sections = [
    { heading: 'Name', listed: listedOf(shared) },
    ...began.map(({ title, probe }) => {
      const own = entries.filter((one) => one.probe?.address === probe?.address && one.probe?.family === probe?.family)
      return { heading: title, listed: listedOf(own) }
    }),
  ]
  return sections.filter(({ listed }) => listed.length > 0)
}

function listedOf(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(({ event }, index) => {
    if (event === 'name_asked') return !isAnswered(entries, index)
    return !NOT_LISTED.includes(event)
  })
}

/** A question says nothing beside its answer. */
function isAnswered(entries: readonly Entry[], index: number): boolean {
  const question = entries[index]?.title.replace('?', ':') ?? ''
  return entries.slice(index + 1).some(({ title }) => title.startsWith(question))
}

function entryLines(entry: Entry, earlier: readonly Entry[], paint: Paint): readonly string[] {
  const { atMs, event, direction, title, tone, note } = entry
  const mark = event === 'probe_settled' ? '=' : direction === undefined ? '·' : MARKS[direction]
  const time = pad(milliseconds(atMs), TIME_WIDTH, 'right')
  const painted = tone === undefined ? title : paint[tone](title)
  const first = `${paint.dim(time)}  ${mark}  ${painted}`
  const remark = note === undefined ? [] : [INDENT + paint[tone === undefined || tone === 'good' ? 'dim' : tone](note)]
  return [first, ...remark, ...fieldLines(newFields(entry, earlier), paint)]
}

/** What is sent again differs in little: of fields that were shown before, only those that have changed. */
function newFields(entry: Entry, earlier: readonly Entry[]): readonly EntryField[] {
  const fields = entry.fields ?? []
  if (entry.direction !== 'sent') return fields
  const before = earlier.findLast(({ event, fields: other }) => event === entry.event && areAlike(fields, other ?? []))
  const changed = fields.filter(({ value }, index) => value !== before?.fields?.[index]?.value)
  return before === undefined ? fields : [...changed, { name: '…', value: 'the rest as before' }]
}

function areAlike(fields: readonly EntryField[], others: readonly EntryField[]): boolean {
  return fields.length === others.length && fields.every(({ name }, index) => name === others[index]?.name)
}

function fieldLines(fields: readonly EntryField[], paint: Paint): readonly string[] {
  const width = Math.min(NAME_WIDTH, Math.max(0, ...fields.map(({ name }) => name.length)))
  return fields.map(({ name, value, unit, note }) => {
    const text = unit === undefined ? String(value) : `${value} ${unit}`
    const remark = note === undefined ? '' : paint.dim(` (${note})`)
    return `${INDENT}${paint.dim(pad(name, width))}  ${text}${remark}`.trimEnd()
  })
}

/** For people: the rule that decided. */
export function verdictLines(verdict: Verdict, paint: Paint): readonly string[] {
  const { alive, outcome } = verdict
  const title = alive ? 'alive' : outcome === 'skipped' ? 'none, the check was skipped' : 'not alive'
  const colour = alive ? 'good' : outcome === 'failed' ? 'bad' : 'warn'
  const rows = verdictRows(verdict).map(([name, text]) => `  ${paint.dim(pad(name, 7))}  ${text}`)
  return [paint[colour](`Verdict: ${title}`), ...rows]
}
