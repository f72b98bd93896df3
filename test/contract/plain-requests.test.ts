import { describe, expect, test } from "vitest";
import { Messages } from "../../src/message/message.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { tool } from "../../src/tools/tool.ts";
import { ask, askFor, growing, streamOf } from "./lane.ts";
import { lanes } from "./lanes/index.ts";
import { modes } from "./shapes.ts";

const parameters = {
  type: "object",
  properties: { day: { type: "string", enum: ["today", "later"] }, tags: { type: "array", items: { type: "string" } } },
  required: ["day"],
};
const look = tool({ name: "look", description: "Looks.", parameters, call: () => "seen" });
const Book = jsonSchema<{ day: string }>({ title: "Book", ...parameters });
const called = { type: "tool_call", id: "call_1", name: "look", arguments: '{"day":"today"}' } as const;
const messages = [
  Messages.system("Be brief."),
  Messages.user(["Look:", "today"]),
  { role: "assistant", content: [called] },
  { role: "tool", content: [{ type: "tool_result", id: "call_1", name: "look", content: "a cat" }] },
  Messages.assistant("It is a cat."),
  Messages.user("And now?"),
];
const config = () => ({ messages });

/** The places at which V8 leaves its fast way of writing JSON, for all of a request: measured with Node 26. */
function slowPlaces(value: unknown, path = "request"): string[] {
  if (typeof value !== "object" || value === null) return [];
  const below = Object.entries(value).flatMap(([key, item]) => slowPlaces(item, `${path}.${key}`));
  if (Array.isArray(value)) return Object.isExtensible(value) ? below : [`${path} is a frozen array`, ...below];
  const own = Object.getOwnPropertyDescriptors(value);
  return [
    ...(Object.getPrototypeOf(value) === Object.prototype ? [] : [`${path} has another prototype`]),
    ...Object.entries(own).flatMap(([key, { get }]) => (get === undefined ? [] : [`${path}.${key} is a getter`])),
    ...below,
  ];
}

describe.each(lanes)("$name: what the SDK is given is written as JSON by V8's fast way", (lane) => {
  const client = {};

  test("messages and tools, whole and streamed", async () => {
    for (const asked of [ask, streamOf]) {
      const { request } = await asked(lane, { client, tools: [look] }, config).prepare();
      expect(slowPlaces(request)).toEqual([]);
      expect(JSON.stringify(request)).toContain("today");
    }
  });

  test.each(modes.map((mode) => [mode.name, mode.jsonMode] as const))(
    "a response model, by %s",
    async (_, jsonMode) => {
      for (const asked of [askFor, growing]) {
        const { request } = await asked(lane, { client, responseModel: Book, jsonMode }, config).prepare();
        expect(slowPlaces(request)).toEqual([]);
        expect(JSON.stringify(request)).toContain("later");
      }
    },
  );
});
