export const api = `.guide { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 0 2rem; align-items: start }
.contents { position: sticky; top: 0; max-height: 100vh; overflow-y: auto; padding: 0 0 1rem; font-size: .875rem }
.contents div { padding-top: .75rem }
.contents ul { list-style: none; margin: .25rem 0 0; padding: 0 }
.contents li { padding: .125rem 0 }
.contents a { text-decoration: none; overflow-wrap: anywhere }
.contents a:hover { text-decoration: underline }
.operation { padding: .25rem 1rem 1rem; margin: 1rem 0; scroll-margin-top: .5rem }
.operation:target, #problems tr:target { border-color: var(--link); box-shadow: inset 3px 0 var(--link) }
.operation h3 { font-size: 1rem; margin: .75rem 0 .5rem; overflow-wrap: anywhere }
.operation .method { color: var(--up); font-size: .8125rem; font-weight: 700; letter-spacing: .03em }
.operation table { margin-top: .75rem; table-layout: fixed; font-size: .875rem }
.operation th, .operation td { padding: .375rem .75rem .375rem 0; overflow-wrap: anywhere }
.operation th:nth-child(1) { width: 20% }
.operation th:nth-child(2) { width: 30% }
.operation thead th { border-top: 0 }
.operation pre { margin: 1rem 0 0; padding: .625rem .75rem; overflow-x: auto; background: var(--page); border: 1px solid var(--line); border-radius: 6px }
.operation pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.operation pre code { overflow-wrap: normal }
.words { line-height: 1.8 }
.words code { background: var(--page); border: 1px solid var(--line); border-radius: 4px; padding: .0625rem .3125rem }
@media (max-width: 60rem) {
  .guide { grid-template-columns: minmax(0, 1fr) }
  .contents { position: static; max-height: none; padding: 0 0 .75rem; columns: 3 9rem }
  .contents div { break-after: avoid }
  .contents ul { break-inside: avoid }
}
@media (max-width: 46rem) {
  .operation { padding: .25rem .75rem .75rem }
  .operation thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
  .operation tr { display: block; padding: .375rem 0; border-top: 1px solid var(--line) }
  .operation tbody th, .operation tbody td { display: block; width: auto; border: 0; padding: .0625rem 0 }
  .operation tbody td:nth-child(2) { color: var(--muted) }
}
`
