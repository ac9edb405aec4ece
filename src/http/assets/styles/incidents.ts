export const incidents = `.by-day { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: .75rem 0 }
.by-day label > span { display: block; color: var(--muted); font-size: .8125rem; font-weight: 600 }
.by-day select, .by-day input { min-height: 2.25rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--control); border-radius: 6px; padding: .25rem .5rem }
.by-day button { min-height: 2.25rem; padding: .25rem 1rem }
.by-day a { padding: .375rem 0 }
.incidents { table-layout: fixed }
.incidents col.began { width: 7.5rem }
.incidents col.ended { width: 10rem }
.incidents col.lasted { width: 5.5rem }
section:has(> .card > .incidents) > h2 { margin-top: 1.5rem; font-size: 1rem }
section ~ section .incidents thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap }
section ~ section .incidents tbody:first-of-type > tr:first-child > * { border-top: 0 }
.incidents .together th { font-size: .875rem; font-weight: 600; color: var(--muted); background: var(--page) }
.incidents .linked > tr > :first-child { box-shadow: inset 3px 0 var(--idle) }
.incidents .url { min-width: 0 }
.pages { display: flex; gap: 1.5rem; margin: 1rem 0 }
@media (max-width: 46rem) {
  .incidents thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap }
  .incidents, .incidents tbody { display: block }
  .incidents colgroup { display: none }
  .incidents tr { display: flex; flex-wrap: wrap; gap: .125rem .75rem; padding: .625rem .75rem; border-top: 1px solid var(--line) }
  .incidents tbody:first-of-type tr:first-child { border-top: 0 }
  .incidents .linked > tr { box-shadow: inset 3px 0 var(--idle) }
  .incidents .linked > tr > :first-child { box-shadow: none }
  .incidents td, .incidents th { display: block; border: 0; padding: 0; width: auto }
  .incidents td.what { order: -1; width: 100% }
  .incidents .ended::before { content: '– ' }
  .incidents .lasted { margin-left: auto }
}
`
