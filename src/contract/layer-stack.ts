import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { kindOfLayer, type Layer, type LayerKind, passesEvents, type Wait, waitsBy } from "./layer.ts";

/** Layers in the order in which they are asked, by what they stand around; the outermost first. */
export interface LayerStack {
  /** As they were given: the outermost scope first. */
  readonly levels: readonly (readonly Layer[])[];
  readonly send: readonly Layer[];
  readonly stream: readonly Layer[];
  readonly tool: readonly Layer[];
  readonly call: readonly Layer[];
  readonly loop: readonly Layer[];
  /** True where every layer around a stream hands its events on one by one as they are. */
  readonly passesEvents: boolean;
  /** How what stands in it waits; by the runtime's own timer where no layer says otherwise. */
  readonly wait: Wait | undefined;
}

const members = ["send", "stream", "tool", "call", "loop"] as const;
const keys: readonly string[] = ["name", "perRequest", ...members] satisfies (keyof Layer)[];
const kinds: readonly LayerKind[] = ["durable", "budget", "limit", "own", "answers", "refuses"];

/** Checks layers that were given. Throws `ConfigError`. */
export function checkLayers(layers: unknown): asserts layers is readonly Layer[] {
  if (!Array.isArray(layers)) {
    throw new ConfigError(`\`layers\` is an array of layers; it was given ${describe(layers)}.`);
  }
  for (const [index, layer] of layers.entries()) {
    if (typeof layer !== "object" || layer === null) {
      throw new ConfigError(`Layer ${index} is ${describe(layer)}: a layer is an object, such as retry() gives.`);
    }
    for (const member of members) {
      const value = (layer as Record<string, unknown>)[member];
      if (value === undefined || typeof value === "function") continue;
      throw new ConfigError(`The member \`${member}\` of layer ${index} is ${describe(value)}, not a function.`);
    }
    if (members.some((member) => (layer as Layer)[member] !== undefined)) continue;
    const unknown = unknownKey(`Layer ${index} has no member`, layer, keys);
    throw new ConfigError(unknown ?? `Layer ${index} has none of ${members.join(", ")}: it would do nothing.`);
  }
}

/** Puts layers in their order; `undefined` for none. */
export function stackLayers(levels: readonly (readonly Layer[])[]): LayerStack | undefined {
  const given = levels.flat();
  if (given.length === 0) return undefined;
  const outer = given.filter(({ perRequest }) => perRequest !== true);
  // Next to the provider the inner scope is asked first; the kinds have their places.
  // One that was given twice (by a scope and by the call) would wait for itself: it stands there once.
  const inner = [...new Set([...levels].reverse().flat())];
  const next = kinds.flatMap((kind) =>
    inner.filter((layer) => layer.perRequest === true && (layer[kindOfLayer] ?? "own") === kind),
  );
  const ordered = [...outer, ...next];
  const having = (member: (typeof members)[number]) => ordered.filter((layer) => layer[member] !== undefined);
  const stream = having("stream");
  return {
    levels,
    send: having("send"),
    stream,
    tool: having("tool"),
    call: having("call"),
    loop: having("loop"),
    passesEvents: stream.every((layer) => layer[passesEvents] === true),
    wait: ordered.findLast((layer) => layer[waitsBy] !== undefined)?.[waitsBy],
  };
}

// A call that is made again in the same scope has the same stack.
const joined = new WeakMap<LayerStack, WeakMap<LayerStack, LayerStack | undefined>>();

/** The layers of a call inside those of a scope. */
export function joinStacks(outer: LayerStack, inner: LayerStack | undefined): LayerStack | undefined {
  if (inner === undefined) return outer;
  let known = joined.get(outer);
  if (known === undefined) {
    known = new WeakMap();
    joined.set(outer, known);
  }
  let stack = known.get(inner);
  if (stack === undefined) {
    stack = stackLayers([...outer.levels, ...inner.levels]);
    known.set(inner, stack);
  }
  return stack;
}

/** Further layers inside those there are. */
export function addLayers(stack: LayerStack | undefined, layers: readonly Layer[]): LayerStack | undefined {
  return layers.length === 0 ? stack : stackLayers([...(stack?.levels ?? []), layers]);
}
