import type { Place } from '../../tracker/place.js'
import { MAX_SIBLINGS } from '../../tracker/siblings.js'
import { Beats } from './beats.js'
import { type Markup, markup } from './markup.js'
import { Moment, StatusMark, Why } from './parts.js'
import { Sparkline } from './sparkline.js'
import type { FamilyMark, StatusLine } from './status-line.js'
import { statusWindows } from './status-query.js'
import { duration, milliseconds, orUnknown, percent } from './text.js'

/** Checks that a row shows. */
export const SHOWN_CHECKS = 30

interface RowProps {
  readonly line: StatusLine
  /** Whether any row says where a tracker is. */
  readonly hasPlaces: boolean
  readonly hasGroups: boolean
  readonly now: Date
}

/** `data-label` stands in for the column's header where a narrow screen makes a card of the row. */
export function StatusRow({ line, hasPlaces, hasGroups, now }: RowProps): Markup {
  const { entry, intervalS } = line
  const uptimes = statusWindows.map(
    (window) => markup`<td class="num" data-label="${window}">${percent(entry.uptime[window])}</td>`,
  )
  const interval = orUnknown(intervalS === null ? null : duration(intervalS * 1000))
  return markup`<tr id="t-${entry.id}">${state(line, now)}${name(line, hasGroups)}${beats(line)}${uptimes}${latency(line)}
<td class="num" data-label="Interval">${interval}</td>
<td class="families" data-label="IP">${line.families.map(family)}</td>${hasPlaces ? place(line) : null}</tr>
`
}

function state({ entry, status }: StatusLine, now: Date): Markup {
  const { health } = entry
  const since = health === null ? null : markup`<div class="why muted">${Moment({ at: health.since, now })}</div>`
  return markup`<td class="state">${StatusMark({ status })}${since}</td>`
}

function name({ entry, name, why, siblings }: StatusLine, hasGroups: boolean): Markup {
  const reason = why === null ? null : Why(why)
  const group = hasGroups ? markup`<span>${entry.group}</span> ` : null
  const about = hasGroups || siblings.count > 0
  const rest = about ? markup`<div class="why muted">${group}${related(entry.id, siblings)}</div>` : null
  return markup`<th scope="row" class="url"><a href="/tracker/${entry.id}">${name}</a>${reason}${rest}</th>`
}

function related(id: string, { count, names }: StatusLine['siblings']): Markup | null {
  if (count === 0) return null
  const named = `Same host or address: ${names.join(', ')}${count > names.length ? ', …' : ''}`
  const counted = `${count}${count === MAX_SIBLINGS ? ' or more' : ''} related`
  return markup`<a href="/tracker/${id}#related" title="${named}">${counted}</a>`
}

function beats({ checks }: StatusLine): Markup {
  return markup`<td class="beats">${Beats({ checks, count: SHOWN_CHECKS })}</td>`
}

function latency({ entry, checks }: StatusLine): Markup {
  const line = Sparkline({ values: checks.map(({ latencyMs }) => latencyMs).reverse() })
  return markup`<td class="num latency" data-label="Latency">${milliseconds(entry.latencyMs)}${line}</td>`
}

/** A struck-through family did not answer. */
function family({ family, addresses, answers }: FamilyMark): Markup {
  const says = `IPv${family} ${answers ? 'answers' : 'does not answer'}: ${addresses.join(', ')}`
  return markup`<span class="family ${answers ? 'ok' : 'failed'}" role="img" aria-label="${says}" title="${says}">v${family}</span>`
}

function place({ places }: StatusLine): Markup {
  return markup`<td class="place" data-label="Location">${places.map(placeName)}</td>`
}

function placeName({ country, network }: Place): Markup {
  const first = country === null ? null : markup`<b>${country}</b> `
  return markup`<div title="${network ?? ''}">${first}<span class="muted">${network}</span></div>`
}
