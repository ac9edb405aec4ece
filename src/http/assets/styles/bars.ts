/** Rows of bars and lines of latency, on every page that has them. */
export const bars = `
.bars { display: block; width: 100%; height: 1.5rem }
.bars path { stroke: currentColor; fill: none }
.bars:not(.runs) path, .bars .at { stroke-width: 4 }
.bars .none { color: var(--idle); opacity: .5 }
.runs path { stroke-dasharray: 4 1 }
.bars .skipped { stroke-dasharray: 2 2 }
.runs .skipped { stroke-dasharray: .8 .8 .8 .8 .8 1; opacity: .7 }
.bars path.at { color: var(--text); opacity: .4; stroke-dasharray: none }
.bars:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.spark { display: block; width: 100%; height: 1.25rem; color: var(--muted) }
.spark path { stroke: currentColor; stroke-width: 1.25; fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round }
.tip { position: fixed; z-index: 2; top: 0; left: 0; max-width: 22rem; padding: .25rem .5rem; border-radius: 6px; background: var(--text); color: var(--page); font-size: .8125rem; pointer-events: none }
.tip[hidden] { display: none }
`
