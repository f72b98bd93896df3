import type { Summary, TimeBuckets } from "../protocol.ts";
import { byId, draw, make } from "./dom.ts";
import {
  axisTime,
  costText,
  counted,
  durationText,
  numberText,
  shortNumber,
  stretchText,
  wholeTimeText,
} from "./format.ts";
import type { Store } from "./state.ts";
import { hideTip, showTip } from "./tip.ts";

/** What the runs that were found come to. */
export function showSummary(summary: Summary): void {
  const fact = (name: string, value: string, note = "", look = "") =>
    make("div", { class: `fact ${look}`, title: note }, make("dt", {}, name), make("dd", {}, value));
  const { runs, requests, failures, inputTokens, outputTokens, cost, unpriced, median, slow } = summary;
  const rate = runs === 0 ? "" : ` (${((100 * failures) / runs).toFixed(failures > 0 && failures < runs ? 1 : 0)} %)`;
  byId("summary").replaceChildren(
    fact("Runs", numberText(runs)),
    fact("Requests", numberText(requests)),
    fact("Failed", `${numberText(failures)}${rate}`, "Runs that ended in an error", failures > 0 ? "bad" : ""),
    fact(
      "Cost",
      costText(cost, unpriced > 0),
      unpriced > 0 ? `${counted(unpriced, "run")} without a certain price` : "US dollars",
    ),
    fact("Tokens in", shortNumber(inputTokens), numberText(inputTokens)),
    fact("Tokens out", shortNumber(outputTokens), numberText(outputTokens)),
    fact("Median", durationText(median), "Half of the runs are faster"),
    fact("Slowest 5 %", durationText(slow), "From this time on"),
  );
}

const height = 56;

/** When the runs began, as bars; a stretch is chosen by dragging over them. */
export class Strip {
  readonly #store: Store;
  readonly #box = byId("strip");
  #time: TimeBuckets | undefined;
  #width = 0;
  #dragFrom: number | undefined;

  constructor(store: Store) {
    this.#store = store;
    const box = this.#box;
    new ResizeObserver(() => {
      if (box.clientWidth === this.#width) return;
      this.#width = box.clientWidth;
      this.#draw();
    }).observe(box);
    box.addEventListener("pointerdown", (event) => this.#begin(event));
    box.addEventListener("pointermove", (event) => this.#move(event));
    box.addEventListener("pointerup", (event) => this.#end(event));
    box.addEventListener("pointerleave", () => hideTip());
  }

  show(time: TimeBuckets): void {
    this.#time = time;
    this.#draw();
  }

  #draw(): void {
    const { counts, failures, from, width } = this.#time ?? { counts: [], failures: [], from: 0, width: 1 };
    this.#box.hidden = counts.length === 0;
    const step = this.#width / Math.max(1, counts.length);
    const most = Math.max(1, ...counts);
    const bars = counts.flatMap((count, at) => {
      if (count === 0) return [];
      const whole = Math.max(2, (count / most) * height);
      const bad = count === 0 ? 0 : (whole * (failures[at] ?? 0)) / count;
      const box = { x: at * step + 0.5, width: Math.max(1, step - 1.5), rx: 1 };
      return [
        draw("rect", { ...box, class: "bar-ok", y: height - whole, height: whole }),
        ...(bad > 0
          ? [draw("rect", { ...box, class: "bar-bad", y: height - Math.max(1.5, bad), height: Math.max(1.5, bad) })]
          : []),
      ];
    });
    const runs = counts.reduce((sum, count) => sum + count, 0);
    const label = `${counted(runs, "run")} by time, one bar: ${stretchText(width)}, from ${wholeTimeText(from)}. Drag over it to choose a stretch.`;
    const selection = draw("rect", { class: "selection", y: 0, height, width: 0 });
    const picture = draw("svg", { role: "img", "aria-label": label, width: this.#width, height }, ...bars, selection);
    const ends = make(
      "div",
      { class: "ends", "aria-hidden": "true" },
      make("span", {}, axisTime(from, width)),
      make("span", {}, `one bar: ${stretchText(width)}`),
      make("span", {}, axisTime(from + width * counts.length, width)),
    );
    this.#box.replaceChildren(picture, ends);
  }

  #bucketAt(event: PointerEvent): number {
    const { left, width } = this.#box.getBoundingClientRect();
    const count = this.#time?.counts.length ?? 0;
    return Math.max(0, Math.min(count - 1, Math.floor(((event.clientX - left) / width) * count)));
  }

  #begin(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#dragFrom = this.#bucketAt(event);
    this.#box.setPointerCapture(event.pointerId);
  }

  #move(event: PointerEvent): void {
    if (this.#time === undefined) return;
    const { from, width, counts, failures } = this.#time;
    const at = this.#bucketAt(event);
    const start = this.#dragFrom ?? at;
    const [first, last] = [Math.min(start, at), Math.max(start, at)];
    const sum = (values: readonly number[]) => values.slice(first, last + 1).reduce((one, other) => one + other, 0);
    const failed = sum(failures);
    const ends = `${wholeTimeText(from + first * width)} – ${axisTime(from + (last + 1) * width, Math.min(width, 1000))}`;
    showTip(event, `${counted(sum(counts), "run")}${failed > 0 ? `, ${numberText(failed)} failed` : ""}`, ends);
    if (this.#dragFrom === undefined) return;
    const step = this.#width / counts.length;
    const selection = this.#box.querySelector(".selection");
    selection?.setAttribute("x", String(first * step));
    selection?.setAttribute("width", String((last - first + 1) * step));
  }

  #end(event: PointerEvent): void {
    if (this.#dragFrom === undefined || this.#time === undefined) return;
    const at = this.#bucketAt(event);
    const [first, last] = [Math.min(this.#dragFrom, at), Math.max(this.#dragFrom, at)];
    this.#dragFrom = undefined;
    hideTip();
    const { from, width } = this.#time;
    this.#store.filter({ from: from + first * width, to: from + (last + 1) * width });
  }
}
