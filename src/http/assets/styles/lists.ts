export const lists = `.choose { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem 1rem; padding: 1rem; align-items: end }
.choose label > span, .choose legend { display: block; color: var(--muted); font-size: .8125rem; font-weight: 600; padding: 0 }
.choose select, .choose input[type=number] { width: 100%; min-height: 2.25rem; font: inherit; color: inherit; background: var(--page); border: 1px solid var(--control); border-radius: 6px; padding: .25rem .5rem }
.choose .wide { grid-column: 1 / -1 }
.choose .half { grid-column: span 3; min-width: 0 }
.choose fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline }
.choose .check { display: inline-flex; gap: .375rem; align-items: baseline }
.choose .actions { display: flex; gap: 1rem; align-items: center }
.choose .actions button { min-height: 2.25rem; padding: .25rem 1rem }
.sum { margin-top: 1.25rem; font-size: 1.0625rem }
.copyable { display: flex; gap: .5rem; align-items: start; margin: .5rem 0 }
.copyable pre { flex: 1; min-width: 0; margin: 0; padding: .5rem .75rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px; font: .875rem/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere }
.copyable pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.copyable button { min-height: 2.375rem; min-width: 5rem }
.clients { display: grid; gap: 1rem }
.client { padding: .25rem 1rem .75rem }
.client .copyable pre { background: var(--page) }
h3 { font-size: .9375rem; margin: .75rem 0 .25rem }
.files { white-space: nowrap }
.files a { margin-right: .75rem }
.status.idle { color: var(--idle) }
@media (max-width: 46rem) {
  .files { white-space: normal }
  .copyable { flex-direction: column; align-items: stretch }
  .moves, .moves tbody, .moves tr, .moves td { display: block }
  .moves thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap }
  .moves tr { border-top: 1px solid var(--line); padding: .5rem }
  .moves tbody tr:first-child { border-top: 0 }
  .moves td { border: 0; padding: 0 }
  .moves td.nowrap { display: inline-block; margin-right: .75rem }
  .choose { grid-template-columns: 1fr 1fr }
  .choose .half, .choose .actions { grid-column: 1 / -1 }
  .preview thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap }
  .preview, .preview tbody { display: block }
  .preview tr { display: flex; flex-wrap: wrap; gap: 0 1.25rem; padding: .5rem .75rem; border-top: 1px solid var(--line) }
  .preview tbody tr:first-child { border-top: 0 }
  .preview th, .preview td { border: 0; padding: 0 }
  .preview .url { width: 100% }
}
`
