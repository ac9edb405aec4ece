/** What is renewed together is fetched together: a round of each group ends at about the same time. */
const GATHER_MS = 400
const RETRY_MS = 5_000

/**
 * Fetches this page anew and swaps the sections that have changed, which our server has rendered and escaped. Where the
 * reader is (focus, what is unfolded, the scroll) stays as it is. `onRenewed` is called after each time.
 */
export function createRenewal(onRenewed: () => void): () => void {
  let isPlanned = false
  let isUnderWay = false
  const plan = (ms: number): void => {
    if (isPlanned) return
    isPlanned = true
    setTimeout(() => void run(), ms)
  }
  const run = async (): Promise<void> => {
    isPlanned = false
    if (isUnderWay) return plan(GATHER_MS)
    isUnderWay = true
    const worked = await renewOnce()
    isUnderWay = false
    if (worked) onRenewed()
    else plan(RETRY_MS)
  }
  return () => plan(GATHER_MS)
}

async function renewOnce(): Promise<boolean> {
  try {
    const response = await fetch(location.pathname + location.search)
    if (!response.ok) return false
    swapSections(new DOMParser().parseFromString(await response.text(), 'text/html'))
    return true
  } catch {
    return false
  }
}

function swapSections(fresh: Document): void {
  if (fresh.getElementById('tracker') === null) return
  document.title = fresh.title
  for (const old of document.querySelectorAll<HTMLElement>('[data-live]')) {
    const section = fresh.getElementById(old.id)
    if (section !== null && !isSame(old, section)) swap(old, section)
  }
}

/** What the server has said of a section the last time. */
const said = new WeakMap<Element, string>()

function isSame(old: HTMLElement, section: HTMLElement): boolean {
  const now = section.innerHTML
  const isSameAsBefore = said.get(old) === now
  said.set(old, now)
  return isSameAsBefore
}

function swap(old: HTMLElement, section: HTMLElement): void {
  const place = placeOfFocus(old)
  const unfolded = [...old.querySelectorAll('details[open]')].map(({ id }) => id)
  old.replaceChildren(...section.childNodes)
  for (const details of old.querySelectorAll('details')) details.open = unfolded.includes(details.id)
  const again = place < 0 ? undefined : focusables(old)[place]
  if (again instanceof HTMLElement || again instanceof SVGElement) again.focus({ preventScroll: true })
}

/** Which of the things that can have the focus has it; -1 if none. */
function placeOfFocus(section: HTMLElement): number {
  const { activeElement } = document
  return activeElement === null ? -1 : focusables(section).indexOf(activeElement)
}

function focusables(section: HTMLElement): readonly Element[] {
  return [...section.querySelectorAll('a[href], button, summary, [tabindex]')]
}
