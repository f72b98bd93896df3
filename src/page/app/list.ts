import type { Row } from "../protocol.ts";
import { byId, make } from "./dom.ts";
import type { Link } from "./link.ts";
import { RowView } from "./row-view.ts";
import { type Look, Scroller } from "./scroller.ts";
import type { Store } from "./state.ts";

// Rows beyond those that are seen, so that scrolling meets rows that are there.
const beyond = 12;
const titles = ["", "Began", "Prompt", "Model", "Steps", "Time", "Tokens", "Cost"];

/** The runs that were found: only those that are seen are elements. */
export class List {
  readonly #store: Store;
  readonly #link: Link;
  readonly #grid: HTMLElement;
  readonly #scroller: Scroller;
  readonly #empty = make("div", { class: "empty" });
  readonly #newer = make("button", { class: "newer", type: "button", hidden: true, onclick: () => this.#toTop() });
  readonly #views: RowView[] = [];
  #rows = new Map<number, Row>();
  #count = 0;
  #asked = { from: 0, to: 0 };
  #active = -1;
  #unseen = 0;
  #drawing = false;
  #needsRows = false;

  constructor(store: Store, link: Link) {
    this.#store = store;
    this.#link = link;
    this.#grid = make("div", {
      id: "grid",
      class: "grid",
      role: "grid",
      tabindex: 0,
      "aria-label": "Runs",
      "aria-colcount": titles.length,
      onkeydown: (event: KeyboardEvent) => this.#key(event),
      onfocus: () => this.#active < 0 && this.#count > 0 && this.#activate(this.#scroller.first),
    });
    this.#scroller = new Scroller(this.#grid, () => this.#draw());
    const head = make(
      "div",
      { role: "row", class: "row head", "aria-rowindex": 1 },
      ...titles.map((title) => {
        return make("span", { role: "columnheader" }, title || make("span", { class: "hidden" }, "Status"));
      }),
    );
    this.#grid.prepend(head);
    byId("list").append(this.#newer, this.#grid, this.#empty);
    link.on("rows", ({ number, from, rows }) => {
      if (number !== link.number) return;
      for (const [at, row] of rows.entries()) this.#rows.set(from + at, row);
      this.#draw(true);
    });
  }

  /** What was found is another list, or the same one that has grown. */
  found(count: number, changed: boolean, added: number): void {
    const { descending, sort } = this.#store.state.query;
    const onTop = sort === "time" && descending;
    this.#count = count;
    this.#grid.setAttribute("aria-rowcount", String(count + 1));
    const grows = changed && onTop && added > 0;
    const isAway = this.#scroller.first > 0;
    if (!changed) {
      this.#rows = new Map();
      this.#active = -1;
      this.#unseen = 0;
    } else if (grows) this.#rows = new Map(Array.from(this.#rows, ([at, row]) => [at + added, row]));
    if (grows && this.#active >= 0) this.#active += added;
    this.#scroller.resize(count, grows && isAway ? added : changed ? 0 : undefined);
    this.#unseen = grows && isAway ? this.#unseen + added : isAway ? this.#unseen : 0;
    this.#newer.hidden = this.#unseen === 0;
    this.#newer.textContent = `↑ ${this.#unseen.toLocaleString("en-US")} new`;
    this.#asked = { from: 0, to: 0 };
    this.#draw();
  }

  /** Says why there is nothing, in place of the list. */
  say(...children: readonly (Node | string)[]): void {
    this.#empty.replaceChildren(...children);
    this.#empty.hidden = children.length === 0;
    this.#grid.hidden = children.length > 0;
  }

  focus(): void {
    this.#grid.focus();
  }

  /** Goes so many rows on and opens what is there. */
  move(by: number): void {
    this.#activate(Math.max(0, Math.min(this.#count - 1, this.#active + by)));
    if (this.#store.state.run !== undefined) this.#open();
  }

  #toTop(): void {
    this.#scroller.show(0);
    this.#unseen = 0;
    this.#newer.hidden = true;
  }

  #draw(loaded = false): void {
    if (this.#scroller.first === 0 && this.#unseen > 0) {
      this.#unseen = 0;
      this.#newer.hidden = true;
    }
    this.#needsRows ||= !loaded;
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      const look = this.#scroller.look();
      this.#paint(look);
      if (this.#needsRows) this.#load(look);
      this.#needsRows = false;
    });
  }

  #paint({ first, seen, topOf }: Look): void {
    const [from, to] = [Math.max(0, first - 4), Math.min(this.#count, first + seen + 4)];
    while (this.#views.length < to - from) {
      const view = new RowView((at) => {
        this.#activate(at);
        this.#open();
      });
      this.#views.push(view);
      this.#scroller.content.append(view.element);
    }
    // A row keeps its element while it is seen: what lies under the pointer or the focus stays what it is.
    const { run, query } = this.#store.state;
    for (let at = from; at < from + this.#views.length; at++) {
      const view = this.#views[at % this.#views.length];
      if (at >= to) view?.hide();
      else
        view?.show(at, this.#rows.get(at), topOf(at), {
          active: at === this.#active,
          open: run !== undefined && this.#rows.get(at)?.span === run,
          text: query.filter.text,
        });
    }
    if (this.#active >= from && this.#active < to)
      this.#grid.setAttribute("aria-activedescendant", `row-${this.#active}`);
    else this.#grid.removeAttribute("aria-activedescendant");
  }

  #load({ first, seen }: Look): void {
    const [from, to] = [Math.max(0, first - beyond), Math.min(this.#count, first + seen + beyond)];
    if (from >= this.#asked.from && to <= this.#asked.to) return;
    this.#asked = { from: Math.max(0, from - seen), to: Math.min(this.#count, to + seen) };
    if (this.#rows.size > 4000) this.#rows = new Map();
    this.#link.tell({ type: "rows", number: this.#link.number, ...this.#asked });
  }

  #activate(at: number): void {
    this.#active = at;
    this.#scroller.reveal(at);
    this.#draw();
  }

  #open(): void {
    const row = this.#rows.get(this.#active);
    if (row !== undefined) this.#store.change({ run: row.span, span: undefined });
    // Not here yet: it is opened by its place as soon as it is.
    else this.#load(this.#scroller.look());
  }

  /** Draws anew: another run is open. */
  refresh(): void {
    this.#draw();
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, this.#scroller.seen - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      j: 1,
      k: -1,
      PageDown: page,
      PageUp: -page,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    const step = steps[event.key];
    if (step !== undefined) this.move(step);
    else if (event.key === "Enter" || event.key === " ") {
      this.#open();
      byId("detail").querySelector<HTMLElement>("[role=tree]")?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
