import { everything, type Measure, type ModelTotal, measures, type Totals } from "../protocol.ts";
import { byId, make } from "./dom.ts";
import { durationText, modelText, moneyText, numberText, shortNumber, stretchText } from "./format.ts";
import { Plot } from "./plot.ts";
import type { Store } from "./state.ts";

const measureText: Readonly<Record<Measure, string>> = {
  cost: "Cost",
  tokens: "Tokens",
  requests: "Requests",
  failures: "Failed requests",
};
const widths: readonly (readonly [width: number, title: string])[] = [
  [0, "fitting"],
  [60_000, "minute"],
  [3_600_000, "hour"],
  [86_400_000, "day"],
];
/** Further models share one colour. */
const coloured = 6;

/** The totals of the runs that were found: by time and model as a plot, by model as a table. */
export class TotalsView {
  readonly #store: Store;
  readonly #plot = new Plot();
  readonly #title = make("h2", {});
  readonly #legend = make("ul", { class: "legend" });
  readonly #table = make("div", { class: "table-box", tabindex: 0, role: "region", "aria-label": "By model" });
  #measure: Measure = "cost";
  #totals: Totals | undefined;
  /** Milliseconds of a bar that is asked for; 0 for one that fits. */
  width = 0;

  constructor(store: Store, ask: () => void) {
    this.#store = store;
    const width = make(
      "select",
      {
        "aria-label": "A bar is a",
        onchange: () => {
          this.width = Number(width.value);
          ask();
        },
      },
      ...widths.map(([value, title]) =>
        make("option", { value }, `A bar a ${title}`.replace("a fitting", "that fits")),
      ),
    );
    const choices = measures.map((measure) => {
      const radio = make("input", {
        type: "radio",
        name: "measure",
        value: measure,
        onchange: () => {
          this.#measure = measure;
          this.#draw();
        },
      });
      radio.checked = measure === this.#measure;
      return make("label", { class: "choice" }, radio, make("span", {}, measureText[measure]));
    });
    byId("totals").append(
      make(
        "div",
        { class: "card" },
        make(
          "div",
          { class: "card-head" },
          this.#title,
          make("div", { class: "choices", role: "radiogroup", "aria-label": "Measure" }, ...choices),
          width,
        ),
        this.#plot.element,
        this.#legend,
      ),
      make("div", { class: "card" }, make("div", { class: "card-head" }, make("h2", {}, "By model")), this.#table),
    );
  }

  show(totals: Totals): void {
    this.#totals = totals;
    if (!byId("totals").hidden) this.#draw();
  }

  /** It has come to sight. */
  refresh(): void {
    this.#draw();
  }

  #draw(): void {
    const totals = this.#totals;
    if (totals === undefined) return;
    const measure = this.#measure;
    this.#title.textContent = `${measureText[measure]} by ${stretchText(totals.width).replace(/^1 /, "")} and model`;
    const all = totals.series[measure];
    const series = all
      .slice(0, coloured)
      .map((values, at) => ({ name: modelText(totals.models[at]?.model ?? ""), values }));
    if (all.length > coloured) {
      const rest = all.slice(coloured);
      series.push({
        name: `${rest.length} more`,
        values: Array.from({ length: totals.buckets }, (_, at) =>
          rest.reduce((sum, values) => sum + (values[at] ?? 0), 0),
        ),
      });
    }
    const text = measure === "cost" ? moneyText : measure === "tokens" ? shortNumber : numberText;
    this.#plot.show({
      series,
      from: totals.from,
      width: totals.width,
      buckets: totals.buckets,
      text,
      title: this.#title.textContent,
    });
    this.#legend.replaceChildren(
      ...series.map(({ name }, at) => make("li", {}, make("span", { class: `swatch series-${at}` }), name)),
    );
    this.#table.replaceChildren(this.#tableOf(totals.models));
  }

  #tableOf(models: readonly ModelTotal[]): HTMLElement {
    const dearest = Math.max(0, ...models.map(({ cost }) => cost));
    const head = heads.map((title) => make("th", { scope: "col" }, title));
    const sum = (value: (total: ModelTotal) => number) => models.reduce((whole, total) => whole + value(total), 0);
    const sums = [
      sum(({ requests }) => requests),
      sum(({ failures }) => failures),
      sum(({ inputTokens }) => inputTokens),
      sum(({ outputTokens }) => outputTokens),
    ];
    const least = models.some(({ unpriced }) => unpriced > 0) ? "≥ " : "";
    const foot = [...sums.map(numberText), "", "", `${least}${moneyText(sum(({ cost }) => cost))}`];
    return make(
      "table",
      {},
      make("thead", {}, make("tr", {}, ...head)),
      make("tbody", {}, ...models.map((total, at) => this.#rowOf(total, at, dearest))),
      make(
        "tfoot",
        {},
        make("tr", {}, make("th", { scope: "row" }, "All"), ...foot.map((text) => make("td", {}, text))),
      ),
    );
  }

  #rowOf(total: ModelTotal, at: number, dearest: number): HTMLElement {
    const { model, requests, failures, inputTokens, outputTokens, median, slow, cost, unpriced } = total;
    const choose = () => {
      const { query } = this.#store.state;
      this.#store.change({ tab: "runs", query: { ...query, filter: { ...everything, model: [model] } } });
    };
    const series = `series-${Math.min(at, coloured)}`;
    const bar = make("span", { class: `share ${series}`, "aria-hidden": "true" });
    bar.style.width = `${dearest === 0 ? 0 : (cost / dearest) * 100}%`;
    const numbers = [requests, failures, inputTokens, outputTokens].map(numberText);
    const cells = [...numbers, durationText(median), durationText(slow)].map((text) => make("td", {}, text));
    const name = make(
      "button",
      { type: "button", class: "link", title: "Show its runs", onclick: choose },
      model || "?",
    );
    const note = unpriced > 0 ? `${numberText(unpriced)} requests without a certain price` : "";
    const money = `${unpriced > 0 ? "≥ " : ""}${moneyText(cost)}`;
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, make("span", { class: `swatch ${series}` }), name),
      ...cells,
      make("td", { class: "money", title: note }, money, bar),
    );
  }
}

const heads = ["Model", "Requests", "Failed", "Tokens in", "Tokens out", "Median", "Slowest 5 %", "Cost"];
