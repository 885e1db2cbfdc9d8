/** The style of every page: light and dark, narrow and wide, on paper. */
export const STYLE = `
:root { --paper: #f6f6f3; --card: #ffffff; --ink: #1c1f23; --soft: #5a626d; --rule: #dfe1e4; --accent: #0b65c2; --good: #1a7f4b; --bad: #c2410c;
  --good-rgb: 26 150 90; --bad-rgb: 225 90 30; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #101316; --card: #191d22; --ink: #e8eaed; --soft: #a0a8b2; --rule: #30363d; --accent: #6cb3ff; --good: #4cc38a; --bad: #ff8a4c;
    --good-rgb: 60 180 120; --bad-rgb: 240 110 50; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
header, main { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.75rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .9rem; }
h3 { font-size: 1rem; margin: 0 0 .5rem; }
section > h3 { margin: 1.4rem 0 .1rem; }
header p { margin: .3rem 0 .8rem; color: var(--soft); overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; border-bottom: 1px solid var(--rule); padding-bottom: .7rem; }
a { color: var(--accent); text-underline-offset: .2em; }
nav a { text-decoration: none; padding: .15rem 0; }
nav a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .3rem .6rem; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 1rem 1.1rem; margin-bottom: 1rem; min-width: 0; break-inside: avoid; }
.columns { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); align-items: start; }
.columns .card { margin: 0; height: 100%; }
.columns + .columns, .card + .columns { margin-top: 1rem; }
.note, small, .tile p { color: var(--soft); font-size: .875rem; }
.note { margin: .5rem 0; max-width: 62rem; }
.tiles { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); }
.tile { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: .9rem 1.1rem; break-inside: avoid; }
.tile h3 { color: var(--soft); font-weight: 500; margin: 0; }
.tile b { font-size: 2.1rem; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.tile p { margin: .4rem 0 0; }
.verdict { margin: 1.1rem 0 0; padding-left: 1.2rem; max-width: 62rem; }
.verdict li { margin: .25rem 0; overflow-wrap: anywhere; }
.meter { display: block; position: relative; padding-bottom: 5px; }
.meter i { position: absolute; left: 0; bottom: 0; height: 3px; border-radius: 2px; min-width: 1px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.tile .meter { padding-bottom: 9px; }
.tile .meter i { height: 5px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .9375rem; }
th, td { padding: .4rem .6rem; text-align: right; vertical-align: top; border-bottom: 1px solid var(--rule); }
tbody tr:last-child > * { border-bottom: 0; }
th:first-child { text-align: left; padding-left: 0; }
td:last-child, thead th:last-child { padding-right: 0; }
td { white-space: nowrap; }
.wrap td { white-space: normal; overflow-wrap: anywhere; }
thead th { min-width: 4.2rem; font-weight: 500; color: var(--soft); font-size: .875rem; vertical-align: bottom; }
tbody th { font-weight: 500; overflow-wrap: break-word; min-width: 6rem; max-width: 18rem; }
th small { display: block; font-weight: 400; }
td .meter { min-width: 4.5rem; }
.named { display: inline-flex; align-items: baseline; gap: .5rem; }
.named i { flex: none; width: .7rem; height: .7rem; border-radius: 2px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.confusion td { padding: 2px; }
.confusion thead th { max-width: 9rem; overflow-wrap: break-word; }
.confusion tbody th { min-width: 0; }
.cell { display: block; white-space: nowrap; padding: .35rem .5rem; border-radius: 4px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.cell small { display: block; min-height: 1.3em; color: inherit; opacity: .8; }
figure { margin: 0; min-width: 0; }
.chart figcaption { font-weight: 600; margin-bottom: .4rem; }
.chart svg { display: block; width: 100%; height: auto; }
.chart text { fill: var(--soft); font-size: 11.5px; font-family: inherit; }
.three .chart text { font-size: 13px; }
.grid { stroke: var(--rule); }
.axis { stroke: var(--soft); }
.at { stroke: var(--soft); stroke-dasharray: 2 3; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.faint { stroke-width: 1; opacity: .35; }
.band { fill: var(--ink); opacity: 0; }
.band:hover { opacity: .09; }
.none { color: var(--soft); }
.legend { display: flex; flex-wrap: wrap; gap: .15rem 1rem; margin: .4rem 0 0; font-size: .875rem; color: var(--soft); }
.legend i { display: inline-block; width: 1.1rem; border-top: 3px solid; vertical-align: middle; margin-right: .4rem; }
.legend i.dashed { border-top-style: dashed; }
.marks i { height: .8rem; border: 2px solid; background: #555; }
.marks .missed { border: 2px dashed #ffd60a; } .marks .wrong { border-color: #ff4d2e; } .marks .truth { border: 2px dashed #fff; } .marks .right { border: 1px solid #35e08f; }
.shots { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); margin-top: .6rem; }
.shots.small { grid-template-columns: repeat(auto-fill, minmax(min(47%, 16rem), 1fr)); gap: .7rem; }
.shot { break-inside: avoid; }
.shot:target { grid-column: 1 / -1; }
.shot a { display: block; }
.shot svg { display: block; width: 100%; height: auto; border-radius: 6px; background: #000; }
.shot figcaption { font-size: .8125rem; color: var(--soft); overflow-wrap: anywhere; padding-top: .2rem; }
.mark rect { fill: transparent; vector-effect: non-scaling-stroke; }
.mark .under { stroke: #000; stroke-opacity: .55; stroke-width: 4; }
.mark .over { stroke-width: 2; }
.mark .over:hover { fill: rgb(255 255 255 / .18); }
.right .under { stroke: none; } .right .over { stroke: #35e08f; stroke-width: 1.2; }
.missed .over { stroke: #ffd60a; stroke-dasharray: 7 4; stroke-width: 2.5; }
.wrong .over { stroke: #ff4d2e; }
.truth .over { stroke: #fff; stroke-dasharray: 5 4; stroke-width: 1.6; }
.sample .under { stroke-width: 3; stroke-opacity: .3; } .sample .over { stroke-width: 1.8; }
.tag { pointer-events: none; }
.tag text { font-family: inherit; font-weight: 600; }
.tag.missed rect { fill: #ffd60a; } .tag.wrong rect { fill: #ff4d2e; } .tag.truth rect { fill: #fff; }
.tag text { fill: #000; }
.recipe { margin: 0; max-height: 26rem; overflow: auto; font: .8125rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; user-select: all; tab-size: 2; }
.columns.three { grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); }
.columns.wide { grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); }
main { padding-bottom: 4rem; }
@media (max-width: 40rem) {
  header, main { padding-left: .9rem; padding-right: .9rem; }
  .tiles { grid-template-columns: 1fr 1fr; gap: .7rem; }
  .tile { padding: .7rem .8rem; } .tile b { font-size: 1.7rem; }
  .card { padding: .8rem .85rem; }
  .confusion td { padding: 1px; } .confusion thead th { min-width: 0; padding: .4rem .25rem; }
  .confusion table, .confusion thead th { font-size: .8125rem; } .cell { padding: .25rem .3rem; }
}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #bbb; --accent: #0b65c2; --good: #1a7f4b; --bad: #c2410c; }
  body { font-size: 10.5pt; }
  nav, .skip { display: none; }
  .recipe { max-height: none; overflow: visible; white-space: pre-wrap; font-size: 7pt; columns: 2; }
  .scroll { overflow: visible; }
  .tiles { grid-template-columns: repeat(4, 1fr); }
  small, .note, .tile p, thead th, .legend { font-size: 8pt; }
  .columns { grid-template-columns: 1fr 1fr; }
  .columns.wide { display: block; }
  .columns.three { grid-template-columns: repeat(3, 1fr); }
  table { font-size: 8.5pt; } th, td { padding: .25rem .35rem; } tbody th, thead th, td .meter { min-width: 0; }
  td { white-space: normal; }
  .shots { grid-template-columns: repeat(3, 1fr); } .shots.small { grid-template-columns: repeat(4, 1fr); }
  h2, h3 { break-after: avoid; }
}
`;
