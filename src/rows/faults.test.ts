import { describe, expect, test } from "vitest";
import { faults, noDisk } from "../../test/support/row-faults.ts";

// At random times; `npm run soak -- rows` does a hundred of each. Workers of their own are killed in crash.test.ts, too.
const times: Readonly<Record<string, number>> = { "kill -9 of the worker": 1, "two workers": 1 };

describe("faults: no row is lost, none that is kept is asked again, and the books are the server's", () => {
  for (const [name, fault] of Object.entries(faults)) {
    const reason = name === "disk full" ? noDisk() : undefined;
    test.skipIf(reason !== undefined)(reason ?? name, { timeout: 120_000 }, async () => {
      for (let time = 0; time < (times[name] ?? 3); time++) {
        const { extra, bound, ...rest } = await fault(Math.random);
        expect(rest).toEqual({ lost: 0, again: 0, booked: true });
        expect(extra).toBeGreaterThanOrEqual(0);
        expect(extra).toBeLessThanOrEqual(bound);
      }
    });
  }
});
