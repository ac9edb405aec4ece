/**
 * The page of a tracker. Phases that stand side by side have colours that differ in brightness too, and always their name
 * beside them.
 */
export const tracker = `:root {
  --p50: #0b5cad; --p95: #b3541e;
  --phase-1: #9aa7b4; --phase-2: #7fb3e3; --phase-3: #b79be0; --phase-4: #f0b45c; --phase-5: #2f7dbd; --phase-6: #5aa87a;
}
${dark(':root:not([data-theme=light])', '@media (prefers-color-scheme: dark)')}
${dark(':root[data-theme=dark]')}
#tracker h1 { overflow-wrap: anywhere }
#tracker h3 { font-size: .9375rem; margin: 1.25rem 0 .375rem }
#tracker td.wide { width: 100% }
#tracker .num .why { white-space: normal }
#tracker .pair > * { min-width: 0 }
.archived { border-left: 3px solid var(--idle); padding-left: .75rem }
.advice::before { content: '→ '; color: var(--muted) }
.address { overflow-wrap: anywhere }
.probes th .why { white-space: nowrap }
.tall:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.days svg.bars { width: 100%; height: 2.5rem; cursor: pointer }
.ends { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; max-width: none; font-size: .8125rem; margin: .25rem 0 .5rem }
details > summary { cursor: pointer }
#tracker .card + details { margin-top: .5rem }
summary > h2 { display: inline-block }
summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.beside { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem }
.ranges { display: flex; gap: .25rem }
.ranges a { padding: .125rem .625rem; border: 1px solid var(--line); border-radius: 6px; text-decoration: none; background: var(--card) }
.ranges a[aria-current] { color: var(--text); font-weight: 600; border-color: var(--muted) }
.chart { padding: .75rem; overflow: hidden }
.chart figure { margin: 0 } .chart figure + figure { margin-top: 1rem }
figcaption { font-size: .875rem; color: var(--muted); margin-bottom: .5rem }
.key { white-space: nowrap; margin-right: .75rem }
.key::before { content: ''; display: inline-block; width: .75em; height: .75em; margin-right: .375em; border-radius: 2px; background: var(--key) }
.key.p50 { --key: var(--p50) } .key.p95 { --key: var(--p95) }
${[1, 2, 3, 4, 5, 6].map((n) => `.phase-${n} { --key: var(--phase-${n}) }`).join(' ')}
.area { fill: var(--key); stroke: none }
.frame { display: grid; grid-template-columns: 4rem minmax(0, 1fr); gap: .25rem .5rem; font-size: .75rem; color: var(--muted); font-variant-numeric: tabular-nums }
.ticks { display: flex; flex-direction: column; justify-content: space-between; text-align: right; height: 12rem; line-height: 1 }
.small .ticks, .small .plot svg { height: 8rem }
.plot svg { display: block; width: 100%; height: 12rem; background: linear-gradient(var(--line) 1px, transparent 1px) 0 0 / 100% 25%; border-bottom: 1px solid var(--line) }
.plot path.p50, .plot path.p95 { fill: none; stroke: var(--p50); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; vector-effect: non-scaling-stroke }
.plot path.p95 { stroke: var(--p95) }
.times { grid-column: 2; display: flex; justify-content: space-between }
.chart .uplot { font: inherit; max-width: 100% }
.chart .uplot + .uplot { margin-top: 1rem }
.chart .u-legend { font-size: .8125rem; text-align: left; padding-left: 3.5rem } .chart .u-legend th { font-weight: 400; color: var(--muted) } .chart .u-legend .u-marker { border-radius: 2px } .chart .u-legend tr:first-child .u-marker { display: none } .chart .u-legend th, .chart .u-legend td { border: 0; padding: .125rem .25rem }
.chart .u-legend .u-value { font-variant-numeric: tabular-nums; min-width: 4rem; display: inline-block }
.tall { max-height: 24rem; overflow-y: auto }
.tall thead th { position: sticky; top: 0; background: var(--card) }
.steps { margin: 0; padding: .75rem .75rem .75rem 2.25rem }
.steps li { padding: .125rem 0; overflow-wrap: anywhere }
.steps .decides { font-weight: 600 }
.footnote { margin: 0; padding: 0 .75rem .75rem; font-size: .875rem }
svg.phases { display: block; width: 100%; max-width: 32rem; height: .625rem; margin: .375rem 0 .125rem; border-radius: 3px }
.plain { list-style: none; margin: 0; padding: 0 } .plain li { padding: .5rem .75rem; border-top: 1px solid var(--line); overflow-wrap: anywhere }
.plain li:first-child { border-top: 0 }
.badges { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0; padding: .75rem .75rem 0 }
.badges img { height: 20px }
#share .copyable { margin: 0 }
#share .copyable pre { background: var(--page); user-select: all }
@media (max-width: 46rem) {
  .frame { grid-template-columns: 3.25rem minmax(0, 1fr) }
  .chart .u-legend { padding-left: 0 }
  #tracker td, #tracker th { padding: .375rem .5rem }
  #tracker .figures :is(td, th) { padding: .375rem .25rem; font-size: .8125rem }
  .figures :is(td, th):nth-child(n+7), :is(.probes, #incidents) :is(td, th):nth-child(4) { display: none }
  .ends span:nth-child(2) { order: 1; flex-basis: 100% }
  #tracker section > .card { font-size: .875rem }
  #tracker :is(thead th, .key, #incidents .num) { white-space: normal }
  #tracker td { overflow-wrap: anywhere }
  #tracker :is(#checks, #failures, #last-check) :is(td, th) { padding: .375rem .25rem }
  .probes th .why { white-space: normal; min-width: 5rem }
}
@media (max-width: 23rem) {
  .figures :is(td, th):nth-child(3) { display: none }
}
`

/** Twice the same: for those whose system is dark, and for those who have chosen it here. */
function dark(selector: string, media?: string): string {
  const rule = `${selector} {
  --p50: #79b8ff; --p95: #f0a36b;
  --phase-1: #6b7785; --phase-2: #3f7fb5; --phase-3: #8a6bc0; --phase-4: #c98a2e; --phase-5: #8cc4f5; --phase-6: #58b98a;
}`
  return media === undefined ? rule : `${media} { ${rule} }`
}
