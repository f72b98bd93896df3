import type { Layer } from "../contract/layer.ts";

/** The way through the layers, outermost first, to what is inside of all of them. */
export function through<In, Out>(
  layers: readonly Layer[],
  enter: (layer: Layer, input: In, next: (input: In) => Out) => Out,
  inside: (input: In) => Out,
): (input: In) => Out {
  let next = inside;
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = layers[index] as Layer;
    const inner = next;
    next = (input) => enter(layer, input, inner);
  }
  return next;
}
