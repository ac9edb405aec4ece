/**
 * The reader's choice of light or dark. A classic script, loaded in the head, so that the choice holds before the first
 * paint; everything it needs stays inside its braces.
 */
{
  const KEY = 'theme'
  const root = document.documentElement
  const dark = matchMedia('(prefers-color-scheme: dark)')
  // A browser that keeps no storage for this site throws on the mere access.
  const stored = (): string | null => {
    try {
      return localStorage.getItem(KEY)
    } catch {
      return null
    }
  }
  const store = (theme: string): void => {
    try {
      localStorage.setItem(KEY, theme)
    } catch {
      // the choice then holds for this page alone
    }
  }
  const shown = (): string => root.dataset.theme ?? (dark.matches ? 'dark' : 'light')
  const chosen = stored()
  if (chosen === 'dark' || chosen === 'light') root.dataset.theme = chosen

  addEventListener('DOMContentLoaded', () => {
    const button = document.querySelector<HTMLButtonElement>('button.theme')
    if (button === null) return
    const say = (): void => button.setAttribute('aria-pressed', String(shown() === 'dark'))
    say()
    button.hidden = false
    dark.addEventListener('change', say)
    button.addEventListener('click', () => {
      const theme = shown() === 'dark' ? 'light' : 'dark'
      root.dataset.theme = theme
      store(theme)
      say()
    })
  })
}
