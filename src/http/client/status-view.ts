/**
 * The view is in the address: what the form and the links of the page say is put there, and a change of the address, by
 * the reader's way back too, is shown.
 */
export function keepViewInAddress(form: HTMLFormElement, show: () => void): void {
  const typed = debounced(120, () => {
    history.replaceState(null, '', addressOf(form))
    show()
  })
  const go = (address: string): void => {
    typed.cancel()
    if (address !== location.pathname + location.search) history.pushState(null, '', address)
    show()
  }
  for (const button of form.querySelectorAll('button')) button.hidden = true
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    go(addressOf(form))
  })
  form.addEventListener('input', ({ target }) => {
    if (target instanceof HTMLInputElement) typed.start()
  })
  form.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLSelectElement) go(addressOf(form))
  })
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a.view') : null
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    if (link === null || !isPlain) return
    event.preventDefault()
    fillForm(form, new URL(link.href).searchParams)
    go(addressOf(form))
  })
  addEventListener('popstate', () => {
    typed.cancel()
    fillForm(form, new URL(location.href).searchParams)
    show()
  })
}

/** Without the empty parameters that a browser would send. */
function addressOf(form: HTMLFormElement): string {
  const search = new URLSearchParams()
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && value.trim() !== '') search.set(name, value.trim())
  }
  return search.size === 0 ? '/' : `/?${search}`
}

function fillForm(form: HTMLFormElement, search: URLSearchParams): void {
  for (const control of form.elements) {
    if (control instanceof HTMLInputElement || control instanceof HTMLSelectElement) {
      control.value = search.get(control.name) ?? ''
    }
  }
}

function debounced(ms: number, act: () => void): { start(): void; cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  const cancel = (): void => clearTimeout(timer)
  return {
    cancel,
    start: () => {
      cancel()
      timer = setTimeout(act, ms)
    },
  }
}
