import { key } from "./switch-head.ts";

// What the switch does in a page.

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
