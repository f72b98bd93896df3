/** What is let pass inside the JSON although the grammar forbids it: its meaning is beyond doubt. */
export type Leniency = "trailing_comma" | "raw_newline";

/** How `PartialJson` reads. */
export interface PartialJsonOptions {
  /**
   * Which root is looked for. Default: the first object or array. With `"object"` or `"array"` the other kind is passed
   * over (a footnote `[1]`) and only taken at the end when nothing else came.
   */
  readonly root?: "object" | "array";
  /** `completedItems` counts the elements of the array at this key of the root object. Default: the root is the array. */
  readonly itemsAt?: string;
  /** Leaves out properties that are `null`: what a strict schema makes of absent ones. */
  readonly omitNulls?: boolean;
}
