import { deepEqual, ok } from "node:assert/strict";
import type { StructuredMode } from "../../contract/provider.ts";
import { UnsupportedError } from "../../errors/errors.ts";
import { jsonSchema } from "../../schema/schema.ts";
import type { Check } from "./check.ts";
import { collect, frozen, thrownBy } from "./stage.ts";
import { saying, type Words } from "./steps.ts";

const value = { title: "Dune — ‘one’", tags: ["desert", "spice"] };
const text = JSON.stringify(value);

const responseModel = jsonSchema<typeof value>(
  frozen({
    title: "Book",
    type: "object",
    properties: { title: { type: "string" }, tags: { type: "array", items: { type: "string" } } },
    required: ["title", "tags"],
    additionalProperties: false,
  }),
);

interface Mode {
  readonly mode: StructuredMode;
  readonly jsonMode: boolean | "schema";
  readonly words: Words;
}

const modes: readonly Mode[] = [
  { mode: "tool", jsonMode: false, words: { toolCalls: [{ id: "call00001", name: "Book", args: text }] } },
  { mode: "json", jsonMode: true, words: { text } },
  { mode: "schema", jsonMode: "schema", words: { text } },
];

const saysItHas = (mode: StructuredMode): NonNullable<Check["needs"]> => {
  return ({ modes: own = ["tool", "json", "schema"] }) => own.includes(mode);
};

/** Answers of a given shape, in each mode. */
export const structuredChecks: readonly Check[] = modes.flatMap(({ mode, jsonMode, words }): Check[] => [
  {
    name: `a structured answer is asked for and read in the mode ${mode}, whole and as it grows`,
    needs: saysItHas(mode),
    steps: (model) => [saying(model, words)],
    async run(stage) {
      const options = { responseModel, jsonMode };
      deepEqual(await stage.value(options)(), value);
      const partials = await collect(stage.growing(options)());
      deepEqual(partials.at(-1), value, "the last value of the stream");
      const body = JSON.stringify(stage.server.requests[0]);
      for (const word of ["title", "tags"]) ok(body.includes(word), `the schema's "${word}" is not in the request`);
    },
  },
  {
    name: `a structured answer in the mode ${mode} is refused by name before any request`,
    needs: (traits) => !saysItHas(mode)(traits),
    steps: (model) => [saying(model, words)],
    async run(stage) {
      const what = `A structured answer in the mode ${mode}`;
      const options = { responseModel, jsonMode };
      for (const run of [() => stage.value(options)(), () => collect(stage.growing(options)())]) {
        const error = await thrownBy(what, run);
        ok(
          error instanceof UnsupportedError,
          `${what} must be refused with an UnsupportedError; it was ${String(error)}`,
        );
      }
      deepEqual([stage.watched.requests, stage.server.requests], [[], []]);
    },
  },
]);
