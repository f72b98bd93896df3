import { byId, make } from "./dom.ts";

/** Says something beside the pointer. */
export function showTip(
  event: { readonly clientX: number; readonly clientY: number },
  ...lines: readonly string[]
): void {
  const tip = byId("tip");
  tip.replaceChildren(...lines.map((line) => make("div", {}, line)));
  tip.hidden = false;
  const { offsetWidth, offsetHeight } = tip;
  const left = Math.max(8, Math.min(window.innerWidth - offsetWidth - 8, event.clientX + 12));
  const below = event.clientY + 16;
  const top = below + offsetHeight > window.innerHeight ? event.clientY - offsetHeight - 10 : below;
  tip.style.transform = `translate(${left}px, ${top}px)`;
}

export function hideTip(): void {
  byId("tip").hidden = true;
}
