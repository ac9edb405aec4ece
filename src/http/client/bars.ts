/**
 * Rows of bars: hovering tells what a bar means, at once and not after a second as the `<title>` does, and so do the
 * arrow keys. One listener for the whole page, so that rows may come and go.
 */
import { type Beat, readBeats } from './beats.js'

interface Shown {
  readonly row: SVGSVGElement
  readonly titles: readonly { readonly owner: Element; readonly title: Element }[]
  /** Of each bar. */
  readonly texts: readonly string[]
  /** Stands over the bar that is told of. */
  readonly mark: SVGPathElement
  at: number
}

const LAST = Number.MAX_SAFE_INTEGER

/** To be called once per page. `onChosen` is told of the bar that is clicked, or that Enter is pressed on. */
export function explainBars(onChosen: (row: SVGSVGElement, place: number) => void = () => {}): void {
  const tip = document.createElement('div')
  tip.className = 'tip'
  tip.hidden = true
  tip.setAttribute('role', 'status')
  document.body.append(tip)
  let shown: Shown | null = null

  const hide = (): void => {
    if (shown !== null) putBack(shown)
    shown = null
    tip.hidden = true
  }
  const show = (row: SVGSVGElement, wanted: number): void => {
    if (shown?.row !== row) {
      hide()
      shown = takeTitles(row)
    }
    const at = Math.min(Math.max(wanted, 0), shown.texts.length - 1)
    const text = shown.texts[at]
    if (at === shown.at || text === undefined) return
    shown.at = at
    shown.mark.setAttribute('d', `M${5 * at + 2} 24V0`)
    tip.textContent = text
    tip.hidden = false
    const { left, top, bottom, width } = row.getBoundingClientRect()
    const middle = left + (width * (at + 0.5)) / shown.texts.length
    placeTip(tip, middle, { top, bottom })
  }
  const point = ({ target, clientX }: PointerEvent): void => {
    const row = rowOf(target)
    if (row === null) hide()
    else show(row, placeAt(row, clientX))
  }
  for (const type of ['pointermove', 'pointerdown'] as const) document.addEventListener(type, point, { passive: true })
  document.addEventListener('focusin', ({ target }) => {
    const row = rowOf(target)
    if (row?.matches(':focus-visible') === true) show(row, LAST)
  })
  document.addEventListener('focusout', hide)
  document.addEventListener('click', ({ target, clientX }) => {
    const row = rowOf(target)
    if (row !== null) onChosen(row, placeAt(row, clientX))
  })
  document.addEventListener('scroll', hide, { passive: true })
  document.addEventListener('keydown', (event) => {
    const row = rowOf(event.target)
    if (row === null) return
    if (event.key === 'Escape') hide()
    if (event.key === 'Enter' && shown?.row === row) onChosen(row, shown.at)
    const wanted = wantedBy(event.key, shown?.row === row ? shown.at : LAST)
    if (wanted === null) return
    event.preventDefault()
    show(row, wanted)
  })
}

function wantedBy(key: string, at: number): number | null {
  switch (key) {
    case 'ArrowLeft':
      return at - 1
    case 'ArrowRight':
      return at + 1
    case 'Home':
      return 0
    case 'End':
      return LAST
    default:
      return null
  }
}

function takeTitles(row: SVGSVGElement): Shown {
  const texts = row.dataset.at === undefined ? titlesIn(row).map(inLocalTime) : readBeats(row).map(textOf)
  const titles = [...row.querySelectorAll('title')].flatMap((title) => {
    const owner = title.parentElement
    return owner === null ? [] : [{ owner, title }]
  })
  for (const { title } of titles) title.remove()
  const mark = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  mark.setAttribute('class', 'at')
  row.append(mark)
  return { row, titles, texts, mark, at: -1 }
}

/** Leaves the drawing as the server has sent it. */
function putBack({ titles, mark }: Shown): void {
  mark.remove()
  for (const { owner, title } of titles) owner.append(title)
}

function titlesIn(row: SVGSVGElement): readonly string[] {
  return [...row.querySelectorAll('path > title')].map((title) => title.textContent)
}

/** The place of the bar under the pointer. */
function placeAt(row: SVGSVGElement, clientX: number): number {
  const { left, width } = row.getBoundingClientRect()
  return Math.floor(((clientX - left) / width) * countOf(row))
}

function countOf(row: SVGSVGElement): number {
  return Number(row.dataset.count ?? row.querySelectorAll('path:not(.at)').length)
}

/** Above the bar, or below it where there is no room, and never beyond the edge. */
function placeTip(tip: HTMLElement, middle: number, row: { readonly top: number; readonly bottom: number }): void {
  const { width, height } = tip.getBoundingClientRect()
  const left = Math.min(Math.max(middle - width / 2, 4), innerWidth - width - 4)
  const above = row.top - height - 6
  tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(above < 4 ? row.bottom + 6 : above)}px)`
}

function rowOf(target: EventTarget | null): SVGSVGElement | null {
  return target instanceof Element ? target.closest<SVGSVGElement>('svg.bars') : null
}

function textOf({ at, says, latencyMs }: Beat): string {
  const latency = latencyMs === null ? [] : [`${latencyMs} ms`]
  return [...(at === null ? [] : [localTime(at)]), says, ...latency].join(' · ')
}

/** `2026-11-22 10:00 UTC …` as the reader's clock shows it. A day has no zone. */
function inLocalTime(text: string): string {
  return text.replace(/^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}) UTC/, (_, day: string, time: string) =>
    localTime(new Date(`${day}T${time}Z`)),
  )
}

function localTime(at: Date): string {
  return at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}
