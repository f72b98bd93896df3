// The reader's choice of provider and of prompt style. It lies on the root element, where a style sheet made of the lists
// shows the blocks that fit; a script in the head sets it before anything is painted.

/** One of a list: what is kept, and what the reader sees. */
export interface Choice {
  readonly name: string;
  readonly title: string;
}

const key = "callscope";

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

/** What is chosen now, by axis: `p` for the provider, `s` for the style. */
export function chosen(axis: "p" | "s"): string | undefined {
  return document.documentElement.dataset[axis];
}

/** Chooses, and keeps the choice for the next page and the next visit. */
export function choose(axis: "p" | "s", name: string): void {
  const { dataset } = document.documentElement;
  dataset[axis] = name;
  try {
    localStorage.setItem(key, JSON.stringify({ p: dataset.p, s: dataset.s }));
  } catch {
    // A browser that keeps nothing forgets the choice.
  }
  document.dispatchEvent(new CustomEvent(key));
}

/** Calls back when the choice changes, also in another tab. Gives what stops it. */
export function onChoice(changed: () => void): () => void {
  const stored = ({ key: name, newValue }: StorageEvent) => {
    if (name !== key || newValue === null) return;
    try {
      Object.assign(document.documentElement.dataset, JSON.parse(newValue));
    } catch {
      return;
    }
    changed();
  };
  document.addEventListener(key, changed);
  window.addEventListener("storage", stored);
  return () => {
    document.removeEventListener(key, changed);
    window.removeEventListener("storage", stored);
  };
}
