import type { Summary, Table } from "./report.ts";
import { circle, line, picture, text } from "./svg.ts";
import { targets } from "./targets.ts";

// All scenarios in one table and one picture.

/** By the column's name, the contenders it shows: the first that the row has. */
const columns: Readonly<Record<string, readonly string[]>> = {
  raw: ["undici.request", "fetch, own split", "fetch"],
  "own reader": ["SDK, own reader"],
  "SDK, pooledFetch": ["SDK, pooledFetch"],
  xsai: ["xsai"],
  "AI SDK": ["AI SDK"],
  "LangChain.js": ["LangChain.js"],
  "TanStack AI": ["TanStack AI"],
  "pi-ai": ["pi-ai"],
  callscope: ["callscope"],
  "callscope, pooledFetch": ["callscope, pooledFetch"],
};

const peers: Readonly<Record<string, string>> = {
  xsai: "X",
  "AI SDK": "A",
  "LangChain.js": "L",
  "TanStack AI": "T",
  "pi-ai": "P",
};

function shownOf({ values }: Summary, column: string): number | undefined {
  const name = columns[column]?.find((one) => values[one] !== undefined);
  return name === undefined ? undefined : values[name];
}

/** The rows that were measured, in the order of the targets. */
function ordered(rows: readonly Summary[]): Summary[] {
  return Object.keys(targets).flatMap((name) => rows.find(({ row }) => row === name) ?? []);
}

/** The table over all scenarios; `undefined` where none of its rows was measured. */
export function summarized(rows: readonly Summary[]): Table | undefined {
  if (rows.length === 0) return undefined;
  return {
    title: "All: CPU time relative to the SDK's",
    columns: [
      "scenario",
      ...Object.keys(columns).flatMap((name) => (name.startsWith("callscope") ? [name, "aim"] : name)),
    ],
    rows: ordered(rows).map((row) => [
      row.row,
      ...Object.keys(columns).flatMap((name) => {
        const value = shownOf(row, name);
        const { plain, pooled } = targets[row.row] ?? {};
        if (name === "callscope") return [value, plain];
        return name.startsWith("callscope") ? [value, pooled] : [value];
      }),
    ]),
    notes: [
      "Medians over the rounds, all contenders in turns. `raw` is undici.request for calls and `fetch` for streams.",
    ],
  };
}

const [width, left, right, rowHeight, top] = [880, 290, 856, 46, 104];
const [least, most] = [0.1, 400];

/** The same as a picture: ratios on one axis, which is logarithmic. */
export function ratioPlot(rows: readonly Summary[]): string {
  const shown = ordered(rows);
  const bottom = top + shown.length * rowHeight;
  const toX = (ratio: number) =>
    left + (Math.log(Math.min(Math.max(ratio, least), most) / least) / Math.log(most / least)) * (right - left);
  const parts = legend();
  for (const tick of [0.1, 0.2, 0.5, 1, 2, 5, 10, 100]) {
    parts.push(line(toX(tick), top, toX(tick), bottom, tick === 1 ? "axis" : "grid"));
    parts.push(text(toX(tick), bottom + 18, tick === 1 ? "SDK" : `${tick}×`, 'text-anchor="middle"'));
  }
  for (const [index, row] of shown.entries()) {
    const upper = top + index * rowHeight + 15;
    parts.push(text(16, upper + 10, row.row.replace(", ms", ""), 'class="strong"'));
    parts.push(...dots(row, toX, upper));
  }
  return picture(width, bottom + 34, "CPU time relative to the SDK's (logarithmic; left is less)", parts);
}

function legend(): string[] {
  const [y, below] = [54, 80];
  return [
    ...[circle(22, y, 6, "f0"), text(34, y + 4, "callscope"), circle(112, y, 5.5, "ring")],
    ...[text(124, y + 4, "callscope, pooledFetch"), line(284, y - 8, 284, y + 8, "target")],
    ...[text(292, y + 4, "aim of callscope"), circle(412, y, 5, "floor"), text(424, y + 4, "raw fetch, own reader")],
    ...Object.entries(peers).flatMap(([name, letter], index) => {
      const x = 24 + index * 110;
      return [...lettered(x, below, letter, name), text(x + 13, below + 4, name)];
    }),
  ];
}

function lettered(x: number, y: number, letter: string, tip: string): string[] {
  return [circle(x, y, 8, "peer", tip), text(x, y + 3.5, letter, 'class="letter"')];
}

/** Ours and the floor on one line, the peers on another below it. */
function dots(row: Summary, toX: (ratio: number) => number, upper: number): string[] {
  // A row of milliseconds is drawn as ratios, too; all others have 1 there.
  const sdk = row.values.SDK ?? 1;
  const ratio = (name: string) => {
    const value = shownOf(row, name);
    return value === undefined ? undefined : value / sdk;
  };
  const lower = upper + 19;
  const parts: string[] = [];
  let last = -100;
  const others = Object.keys(peers)
    .map((name) => ({ name, value: ratio(name) }))
    .sort((one, other) => (one.value ?? 0) - (other.value ?? 0));
  for (const { name, value } of others) {
    if (value === undefined) continue;
    // Those that would hide one another stand side by side.
    last = Math.max(toX(value), last + 13);
    parts.push(...lettered(last, lower, peers[name] ?? "", `${name}: ${value.toFixed(2)}`));
  }
  const { plain } = targets[row.row] ?? { plain: 1 };
  const aim = toX(plain / sdk);
  parts.push(line(aim, upper - 9, aim, upper + 9, "target"));
  for (const [name, radius, kind] of [
    ["raw", 5, "floor"],
    ["own reader", 5, "floor"],
    ["callscope, pooledFetch", 5.5, "ring"],
    ["callscope", 6, "f0"],
  ] as const) {
    const value = ratio(name);
    if (value !== undefined) parts.push(circle(toX(value), upper, radius, kind, `${name}: ${value.toFixed(2)}`));
  }
  return parts;
}
