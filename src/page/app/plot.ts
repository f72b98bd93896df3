import { draw, make } from "./dom.ts";
import { axisTime, wholeTimeText } from "./format.ts";
import { hideTip, showTip } from "./tip.ts";

/** Bars over time, those of several series on top of each other. */
export interface PlotData {
  readonly title: string;
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
  readonly from: number;
  /** Milliseconds of one bar. */
  readonly width: number;
  readonly buckets: number;
  text(value: number): string;
}

const height = 260;
const margin = { top: 8, right: 8, bottom: 24, left: 64 };

/** Draws itself as wide as there is room; the same figures stand in a table for who cannot see it. */
export class Plot {
  readonly element = make("div", { class: "plot" });
  readonly #picture = make("div", {});
  readonly #table = make("details", { class: "raw" }, make("summary", {}, "The same as a table"));
  #data: PlotData | undefined;
  #width = 0;

  constructor() {
    this.element.append(this.#picture, this.#table);
    this.#table.addEventListener("toggle", () => this.#fillTable());
    new ResizeObserver(() => {
      if (this.element.clientWidth === this.#width || this.element.clientWidth === 0) return;
      this.#width = this.element.clientWidth;
      this.#draw();
    }).observe(this.element);
  }

  show(data: PlotData): void {
    this.#data = data;
    this.#width = this.element.clientWidth;
    this.#draw();
    this.#fillTable();
  }

  #draw(): void {
    const data = this.#data;
    if (data === undefined || this.#width === 0) return;
    const { series, buckets, title } = data;
    const sums = Array.from({ length: buckets }, (_, at) =>
      series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0),
    );
    const top = niceTop(Math.max(0, ...sums));
    const room = { width: this.#width - margin.left - margin.right, height: height - margin.top - margin.bottom };
    const most = sums.indexOf(Math.max(...sums));
    const said =
      buckets === 0
        ? "nothing yet"
        : `most ${data.text(sums[most] ?? 0)}, at ${wholeTimeText(data.from + most * data.width)}`;
    const picture = draw(
      "svg",
      { role: "img", "aria-label": `${title}: ${said}`, width: this.#width, height },
      ...gridOf(data, top, room),
      ...barsOf(data, top, room),
    );
    picture.addEventListener("pointermove", (event) => this.#point(event, data, sums, room.width));
    picture.addEventListener("pointerleave", () => hideTip());
    this.#picture.replaceChildren(picture);
  }

  #point(
    event: PointerEvent,
    { series, buckets, from, width, text }: PlotData,
    sums: readonly number[],
    room: number,
  ): void {
    const { left } = this.#picture.getBoundingClientRect();
    const at = Math.floor(((event.clientX - left - margin.left) / room) * buckets);
    if (at < 0 || at >= buckets) {
      hideTip();
      return;
    }
    const lines = series.flatMap(({ name, values }) =>
      (values[at] ?? 0) > 0 ? [`${text(values[at] ?? 0)}  ${name}`] : [],
    );
    showTip(
      event,
      wholeTimeText(from + at * width),
      ...lines,
      ...(lines.length > 1 ? [`${text(sums[at] ?? 0)}  together`] : []),
    );
  }

  #fillTable(): void {
    const data = this.#data;
    this.#table.querySelector("table")?.remove();
    if (!this.#table.open || data === undefined) return;
    const heads = ["From", ...data.series.map(({ name }) => name)];
    const rows = Array.from({ length: data.buckets }, (_, at) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, wholeTimeText(data.from + at * data.width)),
        ...data.series.map(({ values }) => make("td", {}, data.text(values[at] ?? 0))),
      ),
    );
    this.#table.append(
      make(
        "table",
        {},
        make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
        make("tbody", {}, ...rows),
      ),
    );
  }
}

interface Room {
  readonly width: number;
  readonly height: number;
}

function barsOf({ series, buckets }: PlotData, top: number, room: Room): SVGElement[] {
  const step = room.width / Math.max(1, buckets);
  const bars: SVGElement[] = [];
  for (let at = 0; at < buckets; at++) {
    let below = 0;
    for (const [which, { values }] of series.entries()) {
      const value = values[at] ?? 0;
      if (value <= 0) continue;
      const tall = (value / top) * room.height;
      bars.push(
        draw("rect", {
          class: `series-${which}`,
          x: margin.left + at * step + step * 0.1,
          width: Math.max(1, step * 0.8),
          y: margin.top + room.height - below - tall,
          // A line of the background between two series.
          height: Math.max(0.5, tall - (tall > 3 ? 1 : 0)),
        }),
      );
      below += tall;
    }
  }
  return bars;
}

function gridOf({ from, width, buckets, text }: PlotData, top: number, room: Room): SVGElement[] {
  const lines = [0, 0.25, 0.5, 0.75, 1].flatMap((part) => {
    const y = Math.round(margin.top + room.height * (1 - part)) + 0.5;
    return [
      draw("line", { class: "grid-line", x1: margin.left, x2: margin.left + room.width, y1: y, y2: y }),
      draw(
        "text",
        { class: "tick", x: margin.left - 8, y: y + 4, "text-anchor": "end" },
        part === 0 ? "0" : text(part * top),
      ),
    ];
  });
  const every = Math.max(1, Math.ceil(buckets / Math.max(1, Math.floor(room.width / 96))));
  for (let at = 0; at < buckets; at += every) {
    const x = margin.left + ((at + 0.5) / buckets) * room.width;
    lines.push(
      draw("text", { class: "tick", x, y: height - 6, "text-anchor": "middle" }, axisTime(from + at * width, width)),
    );
  }
  return lines;
}

/** A round number from this one on. */
function niceTop(most: number): number {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 4, 5, 8, 10].find((step) => step * power >= most) ?? 10) * power;
}
