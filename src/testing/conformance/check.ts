import type { Stage } from "./stage.ts";
import type { ConformanceTraits, ServedStep } from "./types.ts";

/** A check before it is bound to a provider. */
export interface Check {
  readonly name: string;
  /** Whether it is for such a provider; for all where it is absent. */
  readonly needs?: (traits: ConformanceTraits) => boolean;
  readonly steps: (model: string) => readonly ServedStep[];
  readonly run: (stage: Stage) => Promise<void>;
}
