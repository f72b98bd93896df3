import type { Row } from "../protocol.ts";
import { make, marked } from "./dom.ts";
import {
  costText,
  counted,
  durationText,
  kindText,
  modelText,
  statusText,
  timeText,
  tokensText,
  wholeTimeText,
} from "./format.ts";

/** How a row is shown. */
export interface RowLook {
  readonly active: boolean;
  readonly open: boolean;
  readonly text: string;
}

/** The elements of one row, used again for another one when it has gone out of sight. */
export class RowView {
  readonly element: HTMLElement;
  readonly #dot = make("span", { class: "dot" });
  readonly #status = make("span", { class: "hidden" });
  readonly #time = make("span", { role: "gridcell", class: "when" });
  readonly #title = make("span", { class: "title" });
  readonly #badges = make("span", { class: "badges" });
  readonly #model = make("span", { role: "gridcell", class: "model" });
  readonly #steps = make("span", { role: "gridcell", class: "steps" });
  readonly #duration = make("span", { role: "gridcell", class: "number" });
  readonly #tokens = make("span", { role: "gridcell", class: "number tokens" });
  readonly #cost = make("span", { role: "gridcell", class: "number cost" });
  #at = -1;
  #row: Row | undefined;
  #text = "";

  constructor(open: (at: number) => void) {
    this.element = make(
      "div",
      { role: "row", class: "row", onclick: () => open(this.#at) },
      make("span", { role: "gridcell", class: "status" }, this.#dot, this.#status),
      this.#time,
      make("span", { role: "gridcell", class: "prompt" }, this.#title, this.#badges),
      this.#model,
      this.#steps,
      this.#duration,
      this.#tokens,
      this.#cost,
    );
  }

  hide(): void {
    this.element.hidden = true;
  }

  show(at: number, row: Row | undefined, top: number, { active, open, text }: RowLook): void {
    const { element } = this;
    element.hidden = false;
    element.style.transform = `translateY(${top}px)`;
    element.classList.toggle("active", active);
    element.classList.toggle("open", open);
    element.classList.toggle("absent", row === undefined);
    element.setAttribute("aria-selected", String(open));
    if (at !== this.#at) {
      this.#at = at;
      element.id = `row-${at}`;
      element.setAttribute("aria-rowindex", String(at + 2));
    }
    if (row === this.#row && text === this.#text) return;
    this.#row = row;
    this.#text = text;
    if (row !== undefined) this.#fill(row, text);
    else
      for (const cell of [
        this.#time,
        this.#title,
        this.#model,
        this.#steps,
        this.#duration,
        this.#tokens,
        this.#cost,
      ]) {
        cell.textContent = "";
      }
  }

  #fill(row: Row, text: string): void {
    this.#dot.className = `dot ${row.status}`;
    this.#dot.title = statusText[row.status];
    this.#status.textContent = statusText[row.status];
    this.#time.textContent = timeText(row.start);
    this.#time.title = wholeTimeText(row.start);
    this.#title.replaceChildren(...(row.title === "" ? [make("em", {}, "no prompt")] : marked(row.title, text)));
    this.#badges.replaceChildren(...badgesOf(row));
    this.#model.textContent = modelText(row.model);
    this.#model.title = row.model;
    const tools = row.tools > 0 ? ` · ${counted(row.tools, "tool")}` : "";
    this.#steps.textContent = row.requests + row.tools > 1 ? `${counted(row.requests, "request")}${tools}` : "";
    this.#duration.textContent = row.status === "running" ? "…" : durationText(row.duration);
    this.#tokens.textContent = tokensText(row.inputTokens, row.outputTokens);
    this.#cost.textContent = costText(row.cost, row.atLeast);
    this.#cost.title = row.atLeast ? "At least: not everything in it has a certain price." : "";
  }
}

function badgesOf({ kind, failure, retried, cached, status }: Row): HTMLElement[] {
  const badge = (text: string, look: string) => make("span", { class: `badge ${look}` }, text);
  return [
    ...(kind === "call" ? [] : [badge(kind === "request" ? "stream" : kindText[kind], kind)]),
    ...(failure !== "" ? [badge(failure, "error")] : []),
    ...(status === "left" ? [badge("left", "left")] : []),
    ...(retried ? [badge("retried", "warn")] : []),
    ...(cached ? [badge("cached", "ok")] : []),
  ];
}
