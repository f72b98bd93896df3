import { describe, test } from "vitest";
import { conformance } from "../../src/testing/index.ts";
import { subjectOf } from "./conformance-subject.ts";
import { lanes } from "./lanes/index.ts";

// The suite that is given to authors of providers, on our own: each check on each provider, over HTTP.

// checklist: 150
describe.each(lanes)("$name: conforms", (lane) => {
  for (const { name, run } of conformance(subjectOf(lane))) test(name, run);
});
