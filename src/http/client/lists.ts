import { offerCopies } from './copy.js'

/** The result follows the choice; the address of the page too, so that it can be shared. */
const form = document.querySelector<HTMLFormElement>('#choose')
let asked = 0

offerCopies(document)
form?.addEventListener('change', () => void show(form))
form?.addEventListener('submit', (event) => {
  event.preventDefault()
  void show(form)
})
addEventListener('popstate', () => location.reload())

async function show(choice: HTMLFormElement): Promise<void> {
  if (!choice.reportValidity()) return
  const query = new URLSearchParams()
  for (const [name, value] of new FormData(choice))
    if (typeof value === 'string' && value !== '') query.append(name, value)
  const url = `/lists/?${query}`
  const turn = ++asked
  try {
    const answer = await fetch(url)
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const chosen = page.querySelector('#chosen')
    if (chosen === null || turn !== asked) return
    // Made and escaped by our own server.
    const shown = document.adoptNode(chosen)
    document.querySelector('#chosen')?.replaceWith(shown)
    offerCopies(shown)
    history.replaceState(null, '', url)
  } catch {
    location.assign(url)
  }
}
