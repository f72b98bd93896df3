import type { Exchange, TapedRequest } from "./exchange.ts";

/** One place where two values differ; `undefined` is what is not there. */
interface Place {
  readonly path: string;
  readonly recorded: unknown;
  readonly asked: unknown;
}

/** How many places a message shows. */
const most = 8;
/** How many characters of a long text it shows before the first that differs, and after it. */
const around = 30;

/** What differs between a request and the recording that is nearest to it; `undefined` where there is none at all. */
export function nearest(asked: TapedRequest, recorded: readonly Exchange[]): string | undefined {
  let best: { readonly exchange: Exchange; readonly places: readonly Place[]; readonly distance: number } | undefined;
  for (const exchange of recorded) {
    const places = placesIn(seen(exchange), seen(asked));
    const distance = places.reduce((sum, place) => sum + weightOf(place), 0);
    if (best === undefined || distance < best.distance) best = { exchange, places, distance };
  }
  if (best === undefined) return undefined;
  const { exchange, places } = best;
  const shown = places.slice(0, most).flatMap(({ path, recorded: one, asked: other }) => {
    const [left, right] = window(text(one), text(other));
    return [`  ${path}`, `    - recorded ${left}`, `    + asked    ${right}`];
  });
  const more = places.length > most ? [`  and ${places.length - most} more`] : [];
  return [`The nearest is recording ${exchange.number}; it differs in:`, ...shown, ...more].join("\n");
}

function seen({ provider, stream, request }: TapedRequest): object {
  return { provider, stream, request };
}

function placesIn(recorded: unknown, asked: unknown, path = ""): Place[] {
  if (typeof recorded !== "object" || typeof asked !== "object" || recorded === null || asked === null) {
    return recorded === asked ? [] : [{ path, recorded, asked }];
  }
  const keys = [...new Set([...Object.keys(recorded), ...Object.keys(asked)])];
  const isList = Array.isArray(recorded) && Array.isArray(asked);
  const own = (value: object, key: string): unknown =>
    Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  return keys.flatMap((key) => {
    const at = isList ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    return placesIn(own(recorded, key), own(asked, key), at);
  });
}

/** Texts that begin alike are nearer than others; a whole branch that is missing is as far as all that is in it. */
function weightOf({ recorded, asked }: Place): number {
  if (typeof recorded !== "string" || typeof asked !== "string") {
    return 1 + (JSON.stringify(recorded ?? asked)?.length ?? 0) / 100;
  }
  return 1 - firstDifference(recorded, asked) / (Math.max(recorded.length, asked.length) + 1);
}

function text(value: unknown): string {
  return value === undefined ? "(absent)" : JSON.stringify(value);
}

function firstDifference(left: string, right: string): number {
  let index = 0;
  while (index < left.length && left[index] === right[index]) index++;
  return index;
}

function window(left: string, right: string): [string, string] {
  const start = firstDifference(left, right) - around;
  return [cut(left, start), cut(right, start)];
}

function cut(value: string, start: number): string {
  const from = start <= around ? 0 : start;
  const to = from + 4 * around;
  return `${from > 0 ? "…" : ""}${value.slice(from, to)}${value.length > to ? "…" : ""}`;
}
