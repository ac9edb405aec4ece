/** The status page. */
export const status = `
.blind { margin-top: 1rem; padding: .5rem 1rem; border: 1px solid var(--down); border-left-width: 6px; border-radius: 8px; background: var(--card) }
.blind p { margin: .25rem 0 }
.blind b { color: var(--down) }
.overview { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: end; gap: 0 1rem }
.overview time { white-space: nowrap }
.live { margin: .5rem 0; font-size: .875rem }
.live::before { content: ''; display: inline-block; width: .55em; height: .55em; margin-right: .4em; border-radius: 50%; border: 2px solid var(--idle) }
.live[data-state=live]::before { background: var(--up); border-color: var(--up) }
.live[data-state=lost] { color: var(--down) }
.live[data-state=lost]::before { border-color: var(--down); border-radius: 0 }
.filters { display: flex; flex-wrap: wrap; align-items: end; gap: .5rem .75rem; margin: .75rem 0 }
.filters label { display: grid; gap: .125rem; font-size: .8125rem; color: var(--muted) }
.filters .search { flex: 1 1 16rem }
.filters input, .filters select { font: inherit; font-size: .9375rem; color: var(--text); background: var(--card); border: 1px solid var(--control); border-radius: 6px; padding: .25rem .5rem; min-width: 0; width: 100%; height: 2.125rem }
.filters button { height: 2.125rem; border-color: var(--control) }
.counts .view { display: inline-block; padding: .0625rem .625rem; border: 1px solid var(--line); border-radius: 999px; background: var(--card); color: inherit; text-decoration: none }
.counts .view:hover { border-color: var(--control) }
.counts .view[aria-current] { border-color: var(--link); box-shadow: inset 0 0 0 1px var(--link) }
.counts.counts { gap: .375rem .5rem; margin-bottom: .75rem }
.note { border-left: 4px solid var(--degraded); padding-left: .75rem }
.fleet, .fleet thead, .fleet tbody { display: block }
.fleet { font-size: .875rem }
.fleet tr { display: grid; border-top: 1px solid var(--line) }
.fleet thead tr { border-top: 0 }
.fleet tbody tr { content-visibility: auto }
.fleet .url { min-width: 0 }
.fleet .families { white-space: nowrap }
.fleet .place { font-size: .8125rem }
.fleet .place div { white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
.fleet th, .fleet td { border: 0; padding: .4375rem .5rem }
.fleet thead a { color: inherit; text-decoration: none }
.fleet thead a:hover { text-decoration: underline }
.fleet [aria-sort] a { color: var(--text) }
.fleet tbody tr:hover { background: var(--hover) }
.fleet .why { font-size: .8125rem }
.fleet .said { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden }
.family + .family { margin-left: .25rem }
.family.failed { text-decoration: line-through }
main:has(.fleet) { max-width: 90rem }
body:has(.fleet) > header, body:has(.fleet) > footer { max-width: 90rem }
@media (min-width: 46.01rem) {
  .fleet { --columns: 8.25rem minmax(14rem, 1fr) 11.5rem repeat(5, 4.25rem) 5.75rem 4.25rem 3.75rem }
  .fleet.placed { --columns: 8.25rem minmax(14rem, 1fr) 11.5rem repeat(5, 4.25rem) 5.75rem 4.25rem 3.75rem 8rem }
  .fleet { min-width: 67rem }
  .fleet .status { white-space: normal }
  .fleet tr { grid-template-columns: var(--columns); contain-intrinsic-size: auto 3.5rem }
  .fleet .families { text-align: center }
}
@media (max-width: 46rem) {
  .filters { display: grid; grid-template-columns: 1fr 1fr }
  .filters .search { grid-column: 1 / 3 }
  .fleet thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap }
  .fleet tbody tr { grid-template-columns: repeat(20, 1fr); gap: .25rem; padding: .75rem; contain-intrinsic-size: auto 11rem }
  .fleet tbody tr:first-child { border-top: 0 }
  .fleet tbody td, .fleet tbody th { padding: 0 }
  .fleet .state { grid-column: 1 / -1; display: flex; justify-content: space-between; align-items: baseline }
  .fleet .url { grid-column: 1 / -1; font-size: .9375rem }
  .fleet .beats { grid-column: 1 / -1; margin: .25rem 0 }
  .fleet .num { grid-column: span 4; text-align: left; font-size: .8125rem }
  .fleet .num.latency { grid-column: span 8 }
  .fleet .num.latency + .num { grid-column: span 6 }
  .fleet td.families { grid-column: span 6; text-align: left; font-size: .8125rem }
  .fleet td.place { grid-column: 1 / -1 }
  .fleet [data-label]::before { content: attr(data-label); display: block; color: var(--muted) }
}
`
