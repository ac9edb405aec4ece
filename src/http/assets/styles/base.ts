/** What all pages share. Colours meet WCAG AA on their background in both schemes; none carries meaning alone. */
export const base = `:root {
  color-scheme: light dark;
  --page: #f7f8fa; --card: #fff; --text: #1b1f24; --muted: #57606a; --line: #dfe3e8; --control: #848d97; --hover: #f3f5f8; --link: #0b5cad;
  --up: #1a7f4b; --degraded: #8a5a00; --rejecting: #7a3fb5; --down: #b42318; --idle: #57606a;
}
${dark(':root:not([data-theme=light])', '@media (prefers-color-scheme: dark)')}
${dark(':root[data-theme=dark]')}
:root[data-theme=light] { color-scheme: light }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
a { color: var(--link); text-underline-offset: 2px }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
header, main, footer { max-width: 80rem; margin: 0 auto; padding: 0 1.25rem }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.5rem; padding-top: 1.25rem }
header .name { font-weight: 700; color: inherit; text-decoration: none }
header nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem }
header nav [aria-current] { color: inherit; font-weight: 600; text-decoration: none }
button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .125rem .625rem; cursor: pointer }
button:focus-visible, select:focus-visible, input:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
button.theme { margin-left: auto }
button.theme[aria-pressed=true] { background: var(--line) }
footer { padding-top: 1rem; padding-bottom: 2rem; color: var(--muted); font-size: .875rem }
h1 { font-size: 1.375rem; line-height: 1.3; margin: 1.25rem 0 .75rem; overflow-wrap: anywhere; text-wrap: balance }
h2 { font-size: 1.0625rem; margin: 2rem 0 .5rem }
p { margin: .5rem 0; max-width: 80ch; text-wrap: pretty }
.muted, .said { color: var(--muted) }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow-x: auto }
.counts { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0 0 1rem; padding: 0 }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .5rem .75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line) }
abbr { text-decoration: none }
thead th { border-top: 0; color: var(--muted); font-size: .8125rem; font-weight: 600; white-space: nowrap }
tbody th { font-weight: 400 }
.num { text-align: right; white-space: nowrap }
.nowrap { white-space: nowrap }
.unseen { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.url { overflow-wrap: anywhere; min-width: 14rem }
.url a { text-decoration: none }
.url a:hover { text-decoration: underline }
.why { font-size: .875rem; overflow-wrap: anywhere }
.status { white-space: nowrap; font-weight: 600 }
.shape { display: inline-block; width: 1.2em; text-align: center }
.up { color: var(--up) } .degraded { color: var(--degraded) } .rejecting { color: var(--rejecting) }
.down { color: var(--down) } .pending, .unknown, .unsupported, .paused { color: var(--idle) }
.ok { color: var(--up) } .rejected { color: var(--rejecting) } .failed { color: var(--down) } .skipped { color: var(--idle) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .375rem 1.25rem; margin: 0; padding: .75rem }
dt { color: var(--muted) }
dd { grid-column: 2; margin: 0; overflow-wrap: anywhere }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 1.25rem; align-items: start }
.empty { max-width: none; padding: 1.5rem; text-align: center }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere }
@media (max-width: 46rem) {
  header, main, footer { padding-left: .75rem; padding-right: .75rem }
  header nav { order: 1; width: 100% }
  th, td { padding: .5rem }
  .pair { grid-template-columns: minmax(0, 1fr) }
  dl { grid-template-columns: 1fr; gap: 0 }
  dd { grid-column: 1; margin-bottom: .5rem }
}
`

/** Twice the same: for those whose system is dark, and for those who have chosen it here. */
function dark(selector: string, media?: string): string {
  const rule = `${selector} {
  color-scheme: dark;
  --page: #101418; --card: #171c22; --text: #e6e9ed; --muted: #9aa5b1; --line: #2b333c; --control: #6f7a86; --hover: #1c222a; --link: #79b8ff;
  --up: #4cc38a; --degraded: #e0a83a; --rejecting: #c297f0; --down: #ff8a80; --idle: #9aa5b1;
}`
  return media === undefined ? rule : `${media} { ${rule} }`
}
