import { deepEqual, equal, ok } from "node:assert/strict";
import { toolLoop } from "../../loop/tool-loop.ts";
import { Messages } from "../../message/message.ts";
import { type Tool, tool } from "../../tools/tool.ts";
import { checkAlike } from "./answer-checks.ts";
import type { Check } from "./check.ts";
import { checkRefused } from "./request-checks.ts";
import { collect, frozen } from "./stage.ts";
import { saying } from "./steps.ts";

const parameters = frozen({
  type: "object",
  properties: { title: { type: "string" } },
  required: ["title"],
} as const);

const countCopies = frozen(
  tool({ name: "count_copies", description: "Counts copies.", parameters, call: () => "out-3 copies" }),
);
const tellTime = frozen(tool({ name: "tell_time", description: "Tells the time.", call: () => "out-noon" }));
const tools: readonly Tool[] = [countCopies, tellTime];

const called = [
  { id: "call00001", name: "count_copies", args: '{"title":"Dune — ‘one’"}' },
  { id: "call00002", name: "tell_time", args: "{}" },
];
const expected = called.map(({ id, name, args }) => ({ id, name, args: JSON.parse(args) as unknown }));
const seen = (uses: readonly { id: string; name: string; args: unknown }[] = []) =>
  uses.map(({ id, name, args }) => ({ id, name, args }));

const hasTools: NonNullable<Check["needs"]> = ({ tools: takes = true }) => takes;

/** Tools: declared, called, answered, in a loop. */
export const toolChecks: readonly Check[] = [
  {
    name: "tools are declared with their names, descriptions and parameters",
    needs: hasTools,
    steps: (model) => [saying(model, { text: "ok" })],
    async run(stage) {
      await stage.ask({ tools })();
      const body = JSON.stringify(stage.server.requests[0]);
      for (const word of ['"count_copies"', '"Counts copies."', '"title"', '"tell_time"', '"Tells the time."']) {
        ok(body.includes(word), `${word} is not in the request`);
      }
    },
  },
  {
    name: "tool calls are read with their ids, names and arguments, whole and streamed",
    needs: hasTools,
    steps: (model) => [saying(model, { text: "Let me see.", toolCalls: called })],
    async run(stage) {
      const response = await stage.ask({ tools })();
      equal(response.content, "Let me see.");
      equal(response.stopReason, "tool_calls");
      deepEqual(seen(response.tools), expected);
      const uses = (await collect(stage.stream({ tools })())).flatMap(([, use]) => use ?? []);
      deepEqual(seen(uses), expected, "the calls that a stream yields");
      await checkAlike(stage, { tools });
    },
  },
  {
    name: "results go back, as the provider's own messages and as ours",
    needs: hasTools,
    steps: (model) => [saying(model, { toolCalls: called }), saying(model, { text: "ok" })],
    async run(stage) {
      const response = await stage.ask({ tools })();
      const results = await Promise.all(
        (response.tools ?? []).map(async (use) => [use, String(await use.call())] as const),
      );
      const user = Messages.user("How many?");
      const native = frozen([user, response.messageParam, ...response.toolMessageParams(results)]);
      const neutral = frozen([user, response.message, response.toolMessage(results)]);
      await stage.ask({ tools }, () => ({ messages: native }))();
      await stage.ask({ tools }, () => neutral)();
      const [, first, second] = stage.server.requests;
      for (const word of ["out-3 copies", "out-noon", "count_copies", "tell_time"]) {
        ok(JSON.stringify(first).includes(word), `${word} is not in the request that carries the results`);
      }
      deepEqual(second, first, "the same turn and results are not sent the same");
    },
  },
  {
    name: "a tool loop comes to its end",
    needs: hasTools,
    steps: (model) => [saying(model, { toolCalls: called }), saying(model, { text: "Three." })],
    async run(stage) {
      // What is looped is a call like any other; its types are left out here.
      const result = await toolLoop(stage.ask({ tools }) as never)();
      deepEqual([result.status, (result as { response?: { content: string } }).response?.content], ["done", "Three."]);
      equal(stage.server.requests.length, 2);
    },
  },
  {
    name: "tools are refused by name before any request",
    needs: (traits) => !hasTools(traits),
    steps: (model) => [saying(model, { text: "ok" })],
    run: (stage) => checkRefused(stage, "A call with tools", { tools }),
  },
];
