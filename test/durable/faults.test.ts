import { describe, expect, test } from "vitest";
import { faultsOf, killAtRandom, victims } from "../support/durable-faults.ts";
import { lanes } from "../support/durable-lanes.ts";

// Three kills a cell; `npm run soak -- engines` makes a hundred.
for (const lane of lanes) {
  describe.skipIf(!lane.present)(lane.present ? lane.title : lane.sentence, () => {
    test.each(victims)(
      "rows over kill -9 of %s: none lost, none asked again, extra requests and books within their bounds",
      async (victim) => {
        if (!lane.present) expect.fail(lane.sentence);
        const figures = await killAtRandom(lane, victim, 3);
        expect(faultsOf(figures)).toEqual([]);
        expect(figures.kills).toBe(3);
      },
      120_000,
    );
  });
}
