/** Buttons that copy the text of an element. Where the browser keeps the clipboard to itself, the text is marked. */
export function offerCopies(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    const source = document.getElementById(button.dataset.copy ?? '')
    if (source === null) continue
    button.hidden = false
    button.addEventListener('click', () => void copy(source, button))
  }
}

async function copy(source: HTMLElement, button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '')
    say(button, 'Copied')
  } catch {
    getSelection()?.selectAllChildren(source)
    say(button, 'Marked')
  }
}

function say(button: HTMLButtonElement, word: string): void {
  name(button, word)
  setTimeout(() => name(button, 'Copy'), 2000)
}

/** The label says the same as the text, and then what is copied: "Copied: the URL of the list". */
function name(button: HTMLButtonElement, word: string): void {
  button.textContent = word
  button.ariaLabel = button.ariaLabel?.replace(/^\w+/, word) ?? word
}
