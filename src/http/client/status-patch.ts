import { sayTimes } from './times.js'

/**
 * Brings the page to what the server has rendered afresh, touching only what differs, so that hovering, focus and the
 * place in the page stay. Returns false where that takes rows that neither of the two has.
 */
export function patchStatus(html: string): boolean {
  const fresh = new DOMParser().parseFromString(html, 'text/html')
  sayTimes(fresh, new Date())
  const restoreFocus = rememberFocus()
  const content = fresh.getElementById('content')
  const title = content?.dataset.title
  if (title !== undefined) document.title = title
  replacePart('summary', fresh)
  const rows = fresh.getElementById('rows')
  const shown = document.getElementById('rows')
  let isWhole = true
  if (rows === null || shown === null) replacePart('content', fresh)
  else {
    for (const id of ['ignored', 'counts', 'shown', 'head']) replacePart(id, fresh)
    shown.closest('table')?.setAttribute('class', rows.closest('table')?.className ?? '')
    isWhole = patchRows(shown, rows)
  }
  restoreFocus()
  return isWhole
}

function replacePart(id: string, fresh: Document): void {
  const old = document.getElementById(id)
  const part = fresh.getElementById(id)
  if (old === null || part === null || old.isEqualNode(part)) return
  old.replaceWith(part)
}

/** Row by row, by their ids; those of `fresh` may be a part of all, then it names all. */
function patchRows(shown: HTMLElement, fresh: HTMLElement): boolean {
  const had = new Map([...shown.children].map((row) => [row.id, row]))
  const came = new Map([...fresh.children].map((row) => [row.id, row]))
  const ids = fresh.dataset.ids?.split(' ').map((id) => `t-${id}`) ?? [...came.keys()]
  const rows = ids.flatMap((id) => {
    const old = had.get(id)
    const row = came.get(id) ?? old
    if (row === undefined) return []
    return [old?.isEqualNode(row) === true ? old : row]
  })
  const kept = new Set(rows)
  for (const row of had.values()) if (!kept.has(row)) row.remove()
  let next = shown.firstElementChild
  for (const row of rows) {
    if (row === next) next = next.nextElementSibling
    else shown.insertBefore(row, next)
  }
  return rows.length === ids.length
}

/** What is replaced loses the focus: the same link of the same row, or the same bars, get it back. */
function rememberFocus(): () => void {
  const focused = document.activeElement
  const owner = focused?.closest('[id]')
  if (focused === null || owner === null || owner === undefined) return () => {}
  const selector = focused === owner ? null : `:is(${focused.localName})`
  return () => {
    if (document.activeElement === focused) return
    const again = document.getElementById(owner.id)
    const target = selector === null ? again : again?.querySelector<HTMLElement | SVGElement>(selector)
    if (target instanceof HTMLElement || target instanceof SVGElement) target.focus({ preventScroll: true })
  }
}
