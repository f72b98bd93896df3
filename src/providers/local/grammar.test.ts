import { getLlama, type Llama, LlamaGrammar, LlamaLogLevel } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UnsupportedError } from "../../errors/errors.ts";
import type { JsonSchema } from "../../schema/json-schema.ts";
import { argumentsGrammar, callsGrammar, callsOrSchemaGrammar, schemaGrammar } from "./grammar.ts";

let llama: Llama;
beforeAll(async () => {
  llama = await getLlama({ gpu: false, build: "never", progressLogs: false, logLevel: LlamaLogLevel.disabled });
});
afterAll(() => llama.dispose());

/** Which of the texts llama.cpp takes by the grammar. `_testText` is its own matcher, which the types do not show. */
function accepted(grammar: string, texts: readonly string[]): string[] {
  const made = new LlamaGrammar(llama, { grammar }) as LlamaGrammar & { _testText(text: string): boolean };
  return texts.filter((text) => made._testText(text));
}

interface Case {
  readonly schema: JsonSchema;
  readonly yes: readonly string[];
  readonly no: readonly string[];
}

const cases: Record<string, Case> = {
  "objects, keys in order, optional ones left out": {
    schema: {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "boolean" }, c: { type: "null" } },
      required: ["b"],
    },
    yes: ['{"b": true}', '{"a": "x", "b": false}', '{"b": true, "c": null}', '{"a": "", "b": true, "c": null}'],
    no: ["{}", '{"a": "x"}', '{"b": true, "a": "x"}', '{"b": true,}', '{"b": 1}', '{"b": true, "d": 1}'],
  },
  "objects without a required key": {
    schema: { type: "object", properties: { a: { type: "integer" }, b: { type: "integer" } } },
    yes: ["{}", '{"a": 1}', '{"b": 1}', '{"a": 1, "b": -20}'],
    no: ['{, "b": 1}', '{"a": 01}', '{"a": 1.5}', '{"a": 1 "b": 1}'],
  },
  maps: {
    schema: {
      type: "object",
      additionalProperties: { type: "number" },
      propertyNames: { enum: ["x", "y"] },
      minProperties: 1,
      maxProperties: 2,
    },
    yes: ['{"x": 1}', '{"y": -0.5, "x": 2}'],
    no: ["{}", '{"z": 1}', '{"x": 1, "y": 1, "x": 1}'],
  },
  "arrays and their lengths": {
    schema: { type: "array", items: { type: "integer", minimum: 1, maximum: 12 }, minItems: 2, maxItems: 3 },
    yes: ["[1, 12]", "[3, 4, 5]"],
    no: ["[]", "[1]", "[1, 13]", "[0, 1]", "[1, 2, 3, 4]"],
  },
  "at most one item": {
    schema: { type: "array", items: { const: 1 }, maxItems: 1 },
    yes: ["[]", "[1]"],
    no: ["[1, 1]"],
  },
  tuples: {
    schema: { type: "array", prefixItems: [{ type: "string" }, { type: "integer" }], items: false },
    yes: ['["a", 1]'],
    no: ['["a"]', "[1, 1]", '["a", 1, 2]'],
  },
  "unions, of types too, with what stands beside them": {
    schema: {
      type: "object",
      properties: {
        u: { anyOf: [{ type: "string", maxLength: 2 }, { type: ["integer", "null"] }] },
        k: { enum: ["a", 2, { b: [1, 'q"'] }] },
      },
      required: ["u", "k"],
    },
    yes: ['{"u": "ab", "k": "a"}', '{"u": 7, "k": 2}', '{"u": null, "k": {"b": [1, "q\\""]}}'],
    no: ['{"u": "abc", "k": "a"}', '{"u": true, "k": 2}', '{"u": null, "k": "b"}'],
  },
  "branches that share keys": {
    schema: {
      type: "object",
      properties: { id: { type: "integer" } },
      required: ["id"],
      oneOf: [
        { properties: { dog: { type: "string" } }, required: ["dog"] },
        { properties: { cat: { const: true } }, required: ["cat"] },
      ],
    },
    yes: ['{"id": 1, "dog": "Rex"}', '{"id": 1, "cat": true}'],
    no: ['{"id": 1}', '{"dog": "Rex"}', '{"id": 1, "dog": "Rex", "cat": true}'],
  },
  "allOf and references beside other words": {
    schema: {
      $defs: { named: { type: "object", properties: { name: { type: "string" } }, required: ["name"] } },
      allOf: [
        { $ref: "#/$defs/named" },
        { type: "object", properties: { age: { type: "integer", minimum: 0 } }, required: ["age"] },
      ],
    },
    yes: ['{"name": "a", "age": 3}', '{"age": 3, "name": "a"}'],
    no: ['{"name": "a"}', '{"name": "a", "age": -3}'],
  },
  "schemas that refer to themselves": {
    schema: {
      $defs: {
        node: {
          type: "object",
          properties: { v: { type: "integer" }, next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
          required: ["v", "next"],
        },
      },
      $ref: "#/$defs/node",
      description: "A list",
    },
    yes: ['{"v": 1, "next": null}', '{"v": 1, "next": {"v": 2, "next": {"v": 3, "next": null}}}'],
    no: ['{"v": 1, "next": {}}', '{"v": 1}'],
  },
  texts: {
    schema: { type: "string", minLength: 1, maxLength: 3 },
    yes: ['"a"', '"é漢🎉"', String.raw`"\"\n\\"`],
    no: ['""', '"abcd"', '"a\nb"', String.raw`"\x"`],
  },
  formats: {
    schema: {
      type: "array",
      prefixItems: [
        { type: "string", format: "date" },
        { type: "string", format: "date-time" },
      ],
    },
    yes: ['["2026-12-31", "2026-01-02T23:59:59Z"]'],
    no: ['["2026-13-01", "2026-01-02T23:59:59Z"]', '["2026-12-31", "2026-01-02"]'],
  },
  anything: {
    schema: {},
    yes: ["null", "-1.5", '{"a": [1, {}, []]}', '"x"'],
    no: ["nul", "{a: 1}", "[1,]"],
  },
};

describe("schemaGrammar", () => {
  it.each(Object.entries(cases))("binds %s", (_, { schema, yes, no }) => {
    const before = JSON.stringify(schema);
    expect(accepted(schemaGrammar(schema), [...yes, ...no])).toEqual(accepted(schemaGrammar(schema), yes));
    expect(accepted(schemaGrammar(schema), yes).length).toBeGreaterThan(0);
    expect(accepted(schemaGrammar(schema), no)).toEqual([]);
    expect(JSON.stringify(schema)).toBe(before);
  });

  it.each([
    [{ properties: { a: { not: { type: "string" } } } }, '"properties/a", "not" cannot be expressed'],
    [{ type: "array", items: { $ref: "#/$defs/none" } }, '"items", the reference #/$defs/none leads nowhere'],
    [{ properties: { a: false }, required: ["a"] }, '"properties/a", it accepts nothing'],
    [{ anyOf: [{ enum: [] }] }, '"anyOf/0", it accepts nothing'],
    [{ type: "date" }, 'the root, there is no type "date"'],
    [{ $defs: { a: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" }, "it refers to itself only"],
  ] as const)("names the place of what it cannot say: %j", (schema, message) => {
    expect(() => schemaGrammar(schema as JsonSchema)).toThrow(UnsupportedError);
    expect(() => schemaGrammar(schema as JsonSchema)).toThrow(message);
  });

  it("stays small where a schema nests", () => {
    let list: JsonSchema = { type: "integer" };
    for (let depth = 0; depth < 40; depth++) {
      const item = { type: "object", properties: { a: { anyOf: [list, { type: "null" }] }, b: { const: 1 } } };
      list = { type: "array", items: item, minItems: 1 };
    }
    expect(schemaGrammar(list).length).toBeLessThan(30_000);
  });
});

describe("tool calls", () => {
  const one = { name: "one", parameters: { type: "object", properties: { a: { const: 1 } }, required: ["a"] } };
  const two = { name: "two", parameters: { type: "object", properties: {} } };
  const call = (name: string, args: string) => `\n{"name": "${name}", "arguments": ${args}}\n</tool_call>`;

  it("are those of the tools offered, one or more", () => {
    const yes = [call("one", '{"a": 1}'), call("two", "{}"), `${call("two", "{}")}\n<tool_call>${call("two", "{}")}`];
    const no = [call("one", "{}"), call("three", "{}"), "", `${call("two", "{}")} So.`];
    expect(accepted(callsGrammar([one, two]), [...yes, ...no])).toEqual(yes);
    expect(accepted(argumentsGrammar(one), [' {"a": 1}', " {}", '{"a": 1}'])).toEqual([' {"a": 1}']);
  });

  it("or an answer that fits a schema", () => {
    const grammar = callsOrSchemaGrammar([two], { type: "object", properties: { b: { const: 2 } }, required: ["b"] });
    const yes = ['{"b": 2}', `<tool_call>${call("two", "{}")}`];
    expect(accepted(grammar, [...yes, "{}", "text"])).toEqual(yes);
  });
});
