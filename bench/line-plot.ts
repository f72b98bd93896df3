import type { Plot } from "./report.ts";
import { circle, colours, line, picture, round, text } from "./svg.ts";

const [width, height] = [720, 380];
const area = { left: 64, right: width - 178, top: 68, bottom: height - 52 };

/** Lines over even axes from zero: what grows in step with its size is straight. */
export function linePlot({ title, x, y, lines }: Plot): string {
  const points = lines.flatMap((one) => one.points);
  const [across, up] = [ticks(Math.max(...points.map(([at]) => at))), ticks(Math.max(...points.map(([, of]) => of)))];
  const toX = (at: number) => area.left + (at / (across.at(-1) ?? 1)) * (area.right - area.left);
  const toY = (of: number) => area.bottom - (of / (up.at(-1) ?? 1)) * (area.bottom - area.top);
  const parts: string[] = [];
  for (const at of up) {
    parts.push(line(area.left, toY(at), area.right, toY(at), at === 0 ? "axis" : "grid"));
    parts.push(text(area.left - 8, toY(at) + 4, figure(at), 'text-anchor="end"'));
  }
  for (const at of across) parts.push(text(toX(at), area.bottom + 18, figure(at), 'text-anchor="middle"'));
  parts.push(text((area.left + area.right) / 2, height - 14, x, 'text-anchor="middle"'));
  parts.push(text(16, 46, y));
  const ends = spread(lines.map(({ points }) => toY(points.at(-1)?.[1] ?? 0)));
  for (const [index, { name, points }] of lines.entries()) {
    const colour = index % colours;
    const path = points.map(([at, of]) => `${round(toX(at))},${round(toY(of))}`).join(" ");
    parts.push(`<polyline class="line s${colour}" points="${path}"/>`);
    for (const [at, of] of points) {
      parts.push(circle(toX(at), toY(of), 3.5, `f${colour}`, `${name}: ${figure(at)} ${x}, ${of.toPrecision(3)}`));
    }
    const end = ends[index] ?? 0;
    parts.push(`<rect class="f${colour}" x="${area.right + 12}" y="${round(end - 4)}" width="8" height="8" rx="2"/>`);
    parts.push(
      ...wrapped(name).map((words, row) => text(area.right + 26, end + 4 + row * 14, words, 'class="strong"')),
    );
  }
  return picture(width, height, title, parts);
}

/** Even steps from zero to a bit above the most. */
function ticks(most: number): number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

/** Moves heights apart that are too near for two lines of text each. */
function spread(heights: readonly number[]): number[] {
  const order = heights.map((at, index) => ({ at, index })).sort((one, other) => one.at - other.at);
  for (const [place, one] of order.entries()) {
    const above = order[place - 1];
    if (above !== undefined) one.at = Math.max(one.at, above.at + 34);
  }
  const over = Math.max(0, (order.at(-1)?.at ?? 0) - (area.bottom - 16));
  return heights.map((_, index) => (order.find((one) => one.index === index)?.at ?? 0) - over);
}

/** A name in lines of at most about 22 characters. */
function wrapped(name: string): string[] {
  const lines: string[] = [];
  for (const word of name.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= 22) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function figure(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}
