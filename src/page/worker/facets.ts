import { type FacetName, type FacetValue, type Filter, kinds, marks, statuses } from "../protocol.ts";
import type { TraceIndex } from "./index-of-trace.ts";
import type { Names } from "./names.ts";

/** One filter that is a list of values: which of its values a root has, as numbers. */
interface Facet {
  readonly name: FacetName;
  readonly values: readonly string[];
  /** By number, whether it is asked for; `undefined` where all are. */
  readonly wanted: ReadonlySet<number> | undefined;
  valuesOf(place: number, take: (value: number) => void): void;
}

/** Decides which runs are asked for, and counts what else could be. */
export class Facets {
  readonly #facets: readonly Facet[];
  readonly #counts: Readonly<Record<FacetName, Map<number, number>>> = {
    status: new Map(),
    kind: new Map(),
    model: new Map(),
    tool: new Map(),
    mark: new Map(),
  };

  constructor(index: TraceIndex, filter: Filter) {
    this.#facets = facetsOf(index, filter);
  }

  /** True for a run that every filter takes. One that a single filter refuses counts for the other values of that one. */
  takes(place: number): boolean {
    let missed: Facet | undefined;
    for (const facet of this.#facets) {
      if (facet.wanted === undefined) continue;
      let has = false;
      facet.valuesOf(place, (value) => {
        has ||= facet.wanted?.has(value) ?? true;
      });
      if (has) continue;
      if (missed !== undefined) return false;
      missed = facet;
    }
    if (missed !== undefined) this.#count(missed, place);
    else for (const facet of this.#facets) this.#count(facet, place);
    return missed === undefined;
  }

  get counts(): Readonly<Record<FacetName, readonly FacetValue[]>> {
    const listed = this.#facets.map(({ name, values }) => {
      const counted = Array.from(this.#counts[name], ([number, count]) => ({ value: values[number] ?? "", count }));
      return [
        name,
        counted.sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1)),
      ] as const;
    });
    // Every name is among the facets.
    return Object.fromEntries(listed) as unknown as Record<FacetName, readonly FacetValue[]>;
  }

  #count({ name, valuesOf }: Facet, place: number): void {
    const counts = this.#counts[name];
    valuesOf(place, (value) => counts.set(value, (counts.get(value) ?? 0) + 1));
  }
}

function facetsOf({ spans, roots }: TraceIndex, filter: Filter): Facet[] {
  const named = (names: Names, first: () => Int32Array, more: ReadonlyMap<number, ReadonlySet<number>>) => ({
    values: names.list,
    valuesOf(place: number, take: (value: number) => void) {
      const value = first()[place] ?? 0;
      if (value !== 0) take(value);
      for (const other of more.get(place) ?? []) take(other);
    },
  });
  const listed = (values: readonly string[], wanted: readonly string[]) =>
    numbers(wanted, (value) => values.indexOf(value));
  const model = named(spans.models, () => roots.model, roots.moreModels);
  const tool = named(spans.tools, () => roots.tool, roots.moreTools);
  return [
    {
      name: "status",
      values: statuses,
      wanted: listed(statuses, filter.status),
      valuesOf: (place, take) => take(spans.status[roots.span[place] ?? 0] ?? 0),
    },
    {
      name: "kind",
      values: kinds,
      wanted: listed(kinds, filter.kind),
      valuesOf: (place, take) => take(spans.kind[roots.span[place] ?? 0] ?? 0),
    },
    { name: "model", ...model, wanted: numbers(filter.model, (value) => spans.models.find(value)) },
    { name: "tool", ...tool, wanted: numbers(filter.tool, (value) => spans.tools.find(value)) },
    {
      name: "mark",
      values: marks,
      wanted: listed(marks, filter.mark),
      valuesOf(place, take) {
        if (roots.retried[place]) take(0);
        if (roots.cached[place]) take(1);
        if (roots.streamed[place]) take(2);
      },
    },
  ];
}

// A value that nothing has is asked for all the same: then nothing is found.
function numbers(wanted: readonly string[], number: (value: string) => number | undefined): Set<number> | undefined {
  return wanted.length === 0 ? undefined : new Set(wanted.map((value) => number(value) ?? -1));
}
