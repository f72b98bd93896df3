import type { Bar, Waterfall } from "../protocol.ts";
import { make } from "./dom.ts";
import { durationText, kindText, modelText, moneyText, statusText, tokensText } from "./format.ts";
import { hideTip, showTip } from "./tip.ts";

const ticks = [0, 0.25, 0.5, 0.75, 1];

/** A run as bars over time, each what happened inside of the one it stands under. A tree for the keyboard. */
export class WaterfallView {
  readonly element: HTMLElement;
  readonly #axis = make("div", { class: "axis", "aria-hidden": "true" });
  readonly #tree: HTMLElement;
  readonly #choose: (span: number) => void;
  #items: readonly { readonly bar: Bar; readonly element: HTMLElement }[] = [];
  #chosen = -1;

  constructor(choose: (span: number) => void) {
    this.#choose = choose;
    this.#tree = make("div", {
      role: "tree",
      tabindex: 0,
      "aria-label": "What happened, step by step",
      onkeydown: (event: KeyboardEvent) => this.#key(event),
    });
    this.element = make("div", { class: "waterfall" }, this.#axis, this.#tree);
  }

  show({ bars }: Waterfall): void {
    const [root] = bars;
    const from = root?.start ?? 0;
    const ends = bars.map(({ start, duration }) =>
      Number.isNaN(duration) ? Math.max(start + 1, Math.min(Date.now(), start + 600_000)) : start + duration,
    );
    const whole = Math.max(1, ends.reduce((one, other) => Math.max(one, other), 0) - from);
    this.#axis.replaceChildren(
      ...ticks.map((part) => {
        const mark = make("span", {}, durationText(part * whole));
        mark.style.left = `${part * 100}%`;
        return mark;
      }),
    );
    this.#items = bars.map((bar, at) => ({ bar, element: this.#item(bar, from, whole, ends[at] ?? from) }));
    this.#tree.replaceChildren(...this.#items.map(({ element }) => element));
    this.choose(this.#chosen);
  }

  choose(span: number): void {
    this.#chosen = span;
    for (const { bar, element } of this.#items) {
      const isChosen = bar.span === span;
      element.setAttribute("aria-selected", String(isChosen));
      if (!isChosen) continue;
      this.#tree.setAttribute("aria-activedescendant", element.id);
      element.scrollIntoView({ block: "nearest" });
    }
  }

  #item(bar: Bar, from: number, whole: number, end: number): HTMLElement {
    const name = bar.kind === "tool" ? bar.label : modelText(bar.label);
    const notes = [
      ...(bar.attempt > 1 ? [`attempt ${bar.attempt}`] : []),
      ...(bar.purpose === "validation" ? ["asked again"] : []),
      ...(bar.cached ? ["cached"] : []),
      ...(bar.failure !== "" ? [bar.failure] : []),
    ];
    const took = bar.status === "running" ? "…" : durationText(bar.duration);
    const track = make("span", { class: "track" }, barElement(bar, from, whole, end));
    const element = make(
      "div",
      {
        role: "treeitem",
        id: `bar-${bar.span}`,
        class: `item ${bar.kind} ${bar.status}`,
        "aria-level": bar.depth + 1,
        "aria-selected": "false",
        // First what is seen, in its order: whoever speaks to the page says that.
        "aria-label": [
          [kindText[bar.kind], name, ...notes, took].join(" "),
          statusText[bar.status],
          moneyText(bar.cost),
        ].join(", "),
        onclick: () => this.#choose(bar.span),
        onpointermove: (event: PointerEvent) =>
          showTip(event, `${kindText[bar.kind]} ${name}`, ...tipLines(bar, from, notes)),
        onpointerleave: () => hideTip(),
      },
      make(
        "span",
        { class: "label" },
        make("span", { class: `kind ${bar.kind}` }, kindText[bar.kind]),
        // Seen by nobody: what reads the texts aloud would join their words.
        " ",
        make("span", { class: "name" }, name),
        ...notes.flatMap((note) => [
          " ",
          make("span", { class: `badge ${note === bar.failure ? "error" : note === "cached" ? "ok" : "warn"}` }, note),
        ]),
      ),
      track,
      " ",
      make("span", { class: "took" }, took),
    );
    element.style.setProperty("--depth", String(Math.min(bar.depth, 12)));
    return element;
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.#items.findIndex(({ bar }) => bar.span === this.#chosen);
    const last = this.#items.length - 1;
    const places: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      j: at + 1,
      ArrowUp: at - 1,
      k: at - 1,
      Home: 0,
      End: last,
      // To what it is inside of, and to the first thing inside of it.
      ArrowLeft: this.#items.findLastIndex(
        ({ bar }, place) => place < at && bar.depth < (this.#items[at]?.bar.depth ?? 0),
      ),
      ArrowRight: (this.#items[at + 1]?.bar.depth ?? 0) > (this.#items[at]?.bar.depth ?? 0) ? at + 1 : at,
    };
    const place = places[event.key];
    if (place === undefined) return;
    const next = this.#items[Math.max(0, Math.min(last, place))];
    if (next !== undefined) this.#choose(next.bar.span);
    event.preventDefault();
    event.stopPropagation();
  }
}

function barElement(
  { kind, status, start, duration, first }: Bar,
  from: number,
  whole: number,
  end: number,
): HTMLElement {
  const bar = make("span", { class: `span ${kind} ${status}` });
  const left = Math.max(0, Math.min(1, (start - from) / whole));
  bar.style.left = `${left * 100}%`;
  bar.style.width = `max(3px, ${Math.max(0, Math.min(1 - left, (end - start) / whole)) * 100}%)`;
  if (!Number.isNaN(first) && duration > 0) {
    const mark = make("span", { class: "first" });
    mark.style.left = `${Math.min(1, first / duration) * 100}%`;
    bar.append(mark);
  }
  return bar;
}

function tipLines(
  { start, duration, first, inputTokens, outputTokens, cost, status }: Bar,
  from: number,
  notes: readonly string[],
): string[] {
  const lines = [`${statusText[status]}, ${durationText(duration)}, from ${durationText(start - from)} on`];
  if (!Number.isNaN(first)) lines.push(`first event after ${durationText(first)}`);
  if (!Number.isNaN(inputTokens) || !Number.isNaN(outputTokens))
    lines.push(`tokens ${tokensText(inputTokens, outputTokens)}`);
  if (!Number.isNaN(cost)) lines.push(moneyText(cost));
  if (notes.length > 0) lines.push(notes.join(", "));
  return lines;
}
