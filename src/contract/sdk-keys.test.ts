import { describe, expect, test } from "vitest";
import { ConfigError } from "../errors/errors.ts";
import { checkKeys, findLost, type Keys, OneOf } from "./sdk-keys.ts";

const item = new OneOf("type", { text: { type: true, text: true } }, "refuse");
const known: Keys = {
  maxTokens: true,
  format: { type: true, schemaName: true },
  items: item,
  tools: new OneOf("type", { function: { type: true, name: true } }),
};

describe("what an SDK would drop", () => {
  test.each([
    ["a key", { topK: 1 }, `its SDK would drop "topK" silently; it takes maxTokens, format, items, tools`],
    ["one in snake case", { max_tokens: 1 }, `its SDK would drop "max_tokens" silently; write "maxTokens"`],
    [
      "one beneath another",
      { format: { type: "a", schema_name: "b" } },
      `its SDK would drop "format.schema_name" silently; write "schemaName"`,
    ],
    [
      "one in a list",
      { items: [{ type: "text" }, { type: "text", mark: 1 }] },
      `its SDK would drop "items[1].mark" silently; it takes type, text`,
    ],
    ["a kind it refuses", { items: [{ type: "audio" }] }, `"items[0]" is of the type "audio"; it takes text`],
    [
      "a name that every object inherits",
      { constructor: 1 },
      `its SDK would drop "constructor" silently; it takes maxTokens, format, items, tools`,
    ],
  ])("is found: %s", (_, value, words) => {
    expect(findLost(value, known)).toBe(words);
    expect(() => checkKeys("any", value, known, "Do this.")).toThrow(ConfigError);
    expect(() => checkKeys("any", value, known, "Do this.")).toThrow(`any: ${words}. Do this.`);
  });

  test.each([
    ["what it knows", { maxTokens: 1, format: { type: "a" }, items: [{ type: "text", text: "x" }] }],
    ["a kind it checks itself", { tools: [{ type: "new", anything: 1 }] }],
    ["a key without a value", { topK: undefined, top_p: null }],
    ["what is sent as it is", { maxTokens: { any: 1 } }],
  ])("is not %s", (_, value) => {
    expect(findLost(value, known)).toBeUndefined();
    checkKeys("any", value, known, "Do this.");
  });
});
