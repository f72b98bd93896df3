// The reader's choice of provider and of prompt style. It lies on the root element, where a style sheet made of the lists
// shows the blocks that fit; a script in the head sets it before anything is painted.

/** One of a list: what is kept, and what the reader sees. */
export interface Choice {
  readonly name: string;
  readonly title: string;
}

/** Where the choice is kept. */
export const key = "callscope";

/** Runs in the head of every page. */
export function switchScript(providers: readonly Choice[], styles: readonly Choice[]): string {
  const names = JSON.stringify({ p: providers.map(({ name }) => name), s: styles.map(({ name }) => name) });
  return `(()=>{const n=${names},d=document.documentElement;let c={};try{c=JSON.parse(localStorage.getItem("${key}"))||{}}catch{}
for(const k in n)d.dataset[k]=n[k].includes(c[k])?c[k]:n[k][0]})()`;
}

/** Hides what was not chosen. Without the script the first of each is shown. */
export function switchStyle(providers: readonly Choice[], styles: readonly Choice[]): string {
  const rule = (axis: string) => (choice: Choice, index: number) =>
    `html[data-${axis}="${choice.name}"] .example[data-${axis}]:not([data-${axis}~="${choice.name}"])` +
    (index === 0 ? `,html:not([data-${axis}]) .example[data-${axis}]:not([data-${axis}~="${choice.name}"])` : "");
  return `${[...providers.map(rule("p")), ...styles.map(rule("s"))].join(",")}{display:none}`;
}
