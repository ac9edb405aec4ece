/** The forms of submissions, and what became of them. */
export const submit = `.submit { display: grid; gap: .5rem; max-width: 48rem; justify-items: start }
.submit label { font-weight: 600 }
.submit textarea, .submit input { width: 100%; font: .9em/1.5 ui-monospace, monospace; color: inherit; background: var(--card); border: 1px solid var(--muted); border-radius: 6px; padding: .5rem }
.submit input { max-width: 24rem }
.submit button { padding: .375rem 1rem }
textarea:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
@media (max-width: 46rem) {
  .submitted thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap }
  .submitted tr { display: block; padding: .5rem; border-top: 1px solid var(--line) }
  .submitted th, .submitted td { display: block; border: 0; padding: .125rem 0; text-align: left }
  .submitted .num::before { content: 'answered in ' }
}
.problem { color: var(--down); font-weight: 600 }
`
