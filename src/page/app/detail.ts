import type { Bar, SpanDetail, Waterfall } from "../protocol.ts";
import { byId, make } from "./dom.ts";
import { costText, counted, durationText, statusText, tokensText, wholeTimeText } from "./format.ts";
import type { Link } from "./link.ts";
import { spanView } from "./span-view.ts";
import type { Store } from "./state.ts";
import { WaterfallView } from "./waterfall.ts";

const barsAtFirst = 300;

/** One run: its waterfall, and what the chosen bar of it says. */
export class Detail {
  readonly #store: Store;
  readonly #link: Link;
  readonly #panel = byId("detail");
  readonly #head = make("header", { class: "detail-head" });
  readonly #facts = make("dl", { class: "facts" });
  readonly #more = make("button", { type: "button", class: "more" });
  readonly #said = make("div", { class: "said", tabindex: 0, role: "region", "aria-label": "What it says" });
  readonly #bars: WaterfallView;
  #waterfall: Waterfall | undefined;
  #shown: string | undefined;
  #limit = barsAtFirst;

  constructor(store: Store, link: Link) {
    this.#store = store;
    this.#link = link;
    this.#bars = new WaterfallView((span) => store.change({ span }));
    this.#panel.append(this.#head, this.#facts, this.#bars.element, this.#more, this.#said);
    this.#more.addEventListener("click", () => {
      this.#limit *= 10;
      this.load();
    });
    link.on("waterfall", ({ waterfall }) => this.#show(waterfall));
    link.on("span", ({ detail }) => this.#say(detail));
  }

  /** Asks for the run that is open. */
  load(): void {
    const { run } = this.#store.state;
    this.#panel.hidden = run === undefined;
    document.body.classList.toggle("has-detail", run !== undefined);
    if (run === undefined) {
      this.#waterfall = undefined;
      this.#shown = undefined;
      this.#limit = barsAtFirst;
    } else this.#link.tell({ type: "waterfall", root: run, limit: this.#limit });
  }

  /** The file has grown: what goes on is looked at again. */
  refresh(): void {
    if (this.#waterfall === undefined) this.load();
    else if (this.#waterfall.bars.some(({ status }) => status === "running")) this.load();
  }

  /** Another bar is chosen. */
  choose(): void {
    const bar = this.#chosen();
    if (bar === undefined) return;
    this.#bars.choose(bar.span);
    this.#link.tell({ type: "span", span: bar.span });
  }

  #chosen(): Bar | undefined {
    const bars = this.#waterfall?.bars ?? [];
    const { span } = this.#store.state;
    // What a run is made of says more than the run: its first request that was answered; of a failed one that failed.
    const worth = bars.filter(({ kind }) => kind === "request" || kind === "tool");
    const wanted = this.#waterfall?.row.status === "error" ? "error" : "ok";
    return (
      bars.find((bar) => bar.span === span) ?? worth.find(({ status }) => status === wanted) ?? worth[0] ?? bars[0]
    );
  }

  #show(waterfall: Waterfall | undefined): void {
    if (waterfall === undefined || waterfall.root !== this.#store.state.run) {
      if (waterfall === undefined) this.#panel.hidden = true;
      return;
    }
    this.#panel.hidden = false;
    const isOther = this.#waterfall?.root !== waterfall.root;
    this.#waterfall = waterfall;
    this.#showHead(waterfall);
    this.#bars.show(waterfall);
    this.#more.hidden = waterfall.bars.length >= waterfall.all;
    this.#more.textContent = `Show more of ${counted(waterfall.all, "bar")}`;
    if (isOther) this.#said.scrollTop = 0;
    this.choose();
  }

  #showHead({ row }: Waterfall): void {
    const close = () => this.#store.change({ run: undefined, span: undefined });
    this.#head.replaceChildren(
      make("span", { class: `dot ${row.status}`, title: statusText[row.status] }),
      make("h2", { title: row.title }, row.title || "no prompt"),
      make(
        "button",
        { type: "button", class: "icon", "aria-label": "Close this run", title: "Close (Esc)", onclick: close },
        "×",
      ),
    );
    const fact = (name: string, value: string, note = "") =>
      make("div", { title: note }, make("dt", {}, name), make("dd", {}, value));
    const steps = `${counted(row.requests, "request")}${row.tools > 0 ? `, ${counted(row.tools, "tool run")}` : ""}`;
    const cost = costText(row.cost, row.atLeast);
    this.#facts.replaceChildren(
      fact("Status", `${statusText[row.status]}${row.failure === "" ? "" : `: ${row.failure}`}`),
      fact("Began", wholeTimeText(row.start)),
      fact("Time", durationText(row.duration)),
      fact("Steps", steps),
      fact("Tokens", tokensText(row.inputTokens, row.outputTokens), "Read → written"),
      fact("Cost", cost, row.atLeast ? "At least: not everything in it has a certain price." : "US dollars"),
    );
  }

  #say(detail: SpanDetail | undefined): void {
    if (detail === undefined || this.#chosen()?.span !== detail.span) return;
    // What has not changed stays as it is: a selection in it, what was opened in it.
    const key = JSON.stringify([detail.span, detail.end === undefined, this.#store.state.query.filter.text]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#said.replaceChildren(...spanView(detail, this.#store.state.query.filter.text));
    this.#said.scrollTop = 0;
  }
}
