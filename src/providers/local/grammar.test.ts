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
  "[I3] values by what stands beside them": {
    schema: {
      $defs: { short: { maxLength: 2 } },
      type: "array",
      prefixItems: [
        { enum: ["a", "abc", 1, null], type: "string", $ref: "#/$defs/short" },
        { enum: [1, 5, 9, 1.5], type: "integer", minimum: 2, exclusiveMaximum: 9 },
        { const: 4, type: ["number", "null"], multipleOf: 2 },
      ],
      items: false,
    },
    yes: ['["a", 5, 4]'],
    no: ['["abc", 5, 4]', "[1, 5, 4]", "[null, 5, 4]", '["a", 1, 4]', '["a", 9, 4]', '["a", 1.5, 4]'],
  },
  "[I3] numbers of which there are few, one by one": {
    schema: {
      type: "array",
      prefixItems: [
        { type: "integer", minimum: 1, maximum: 20, multipleOf: 5 },
        { type: "number", minimum: 0, maximum: 0.5, multipleOf: 0.1 },
        { type: "number", minimum: 2.5, maximum: 2.5 },
        { type: "integer", exclusiveMaximum: 0 },
      ],
    },
    yes: ["[5, 0.3, 2.5, -7]", "[20, 0.5, 2.5, -700]"],
    no: ["[6, 0.3, 2.5, -7]", "[0, 0.3, 2.5, -7]", "[5, 0.25, 2.5, -7]", "[5, 0.3, 2.4, -7]", "[5, 0.3, 2.5, 0]"],
  },
  "[I3] how many properties there are": {
    schema: {
      type: "object",
      properties: { a: { const: 1 }, b: { const: 1 }, c: { const: 1 } },
      required: ["b"],
      minProperties: 2,
      maxProperties: 2,
    },
    yes: ['{"a": 1, "b": 1}', '{"b": 1, "c": 1}'],
    no: ['{"b": 1}', '{"a": 1, "b": 1, "c": 1}', '{"a": 1, "c": 1}'],
  },
  "[I1] what is left where parts are impossible": {
    schema: {
      $defs: { endless: { type: "object", properties: { a: { $ref: "#/$defs/endless" } }, required: ["a"] } },
      type: "object",
      properties: {
        none: { not: {} },
        few: { type: "integer", minimum: 5, maximum: 1 },
        endless: { $ref: "#/$defs/endless" },
        u: { anyOf: [{ type: "string", minLength: 3, maxLength: 1 }, { $ref: "#/$defs/endless" }, { const: 7 }] },
        l: { type: "array", items: { $ref: "#/$defs/endless" } },
        m: { type: "object", additionalProperties: { enum: [] } },
        t: { type: "array", prefixItems: [{ const: 1 }, false, { const: 3 }], minItems: 1 },
      },
      required: ["u", "l", "m", "t"],
    },
    yes: ['{"u": 7, "l": [], "m": {}, "t": [1]}'],
    no: ['{"none": 1, "u": 7, "l": [], "m": {}, "t": [1]}', '{"u": 7, "l": [], "m": {}, "t": [1, 2]}'],
  },
  "[I1] a schema that leads back to itself, among others": {
    schema: {
      $defs: {
        a: { anyOf: [{ $ref: "#/$defs/b" }, { const: 1 }] },
        b: { anyOf: [{ $ref: "#/$defs/a" }, { const: 2 }] },
        c: { type: "array", prefixItems: [{ $ref: "#/$defs/c" }] },
        d: { allOf: [{ $ref: "#/$defs/d" }, { minimum: 4 }], type: "integer", maximum: 5 },
      },
      type: "array",
      prefixItems: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/b" }, { $ref: "#/$defs/c" }, { $ref: "#/$defs/d" }],
    },
    yes: ["[1, 2, [], 4]", "[2, 1, [], 5]"],
    no: ["[3, 2, [], 4]", "[1, 2, [[]], 4]", "[1, 2, [], 6]"],
  },
  "names of properties are texts": {
    schema: { type: "object", propertyNames: { description: "a name" }, additionalProperties: { const: 1 } },
    yes: ['{"a": 1}'],
    no: ["{1: 1}", "{{}: 1}"],
  },
  anything: {
    schema: {},
    yes: ["null", "-1.5", '{"a": [1, {}, []]}', '"x"'],
    no: ["nul", "{a: 1}", "[1,]"],
  },
};

/** Lists of lists, of up to 256 each. */
function nested(depth: number, inner: JsonSchema): JsonSchema {
  return depth === 0 ? inner : { type: "array", items: nested(depth - 1, inner), maxItems: 256 };
}

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
    [{ $defs: { a: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" }, '"#/$defs/a", it accepts nothing'],
  ] as const)("names the place of what it cannot say: %j", (schema, message) => {
    expect(() => schemaGrammar(schema as JsonSchema)).toThrow(UnsupportedError);
    expect(() => schemaGrammar(schema as JsonSchema)).toThrow(message);
  });

  const impossible: readonly (readonly [string, JsonSchema | boolean, string])[] = [
    ["a range of numbers", { type: "number", minimum: 2, maximum: 1 }, "the root"],
    ["an open range", { type: "number", minimum: 2, exclusiveMaximum: 2 }, "the root"],
    ["a range without a whole number", { type: "integer", exclusiveMinimum: 1, exclusiveMaximum: 2 }, "the root"],
    ["a range without a multiple", { type: "number", minimum: 1, maximum: 1.5, multipleOf: 2 }, "the root"],
    ["a length", { type: "string", minLength: 5, maxLength: 2 }, "the root"],
    ["a length below nothing", { type: "string", maxLength: -1 }, "the root"],
    ["a count of items", { type: "array", minItems: 2, maxItems: 1 }, "the root"],
    ["a count far beyond a grammar's", { type: "array", minItems: 2 ** 40, maxItems: 2 ** 39 }, "the root"],
    ["items that cannot be", { type: "array", items: false, minItems: 1 }, '"items"'],
    ["a place that cannot be", { type: "array", prefixItems: [{}, { not: {} }], minItems: 2 }, '"prefixItems/1"'],
    ["more items than places", { type: "array", prefixItems: [{}], items: false, minItems: 2 }, '"items"'],
    ["more different items", { type: "array", items: { enum: [1, 2] }, uniqueItems: true, minItems: 3 }, "the root"],
    ["a count of properties", { type: "object", minProperties: 3, maxProperties: 2 }, "the root"],
    [
      "more properties than names",
      { properties: { a: {} }, additionalProperties: false, minProperties: 2 },
      "the root",
    ],
    ["more required than may be", { properties: { a: {}, b: {} }, required: ["a", "b"], maxProperties: 1 }, "the root"],
    [
      "a required one that is closed out",
      { type: "object", required: ["a"], additionalProperties: false },
      '"properties/a"',
    ],
    ["a name that may not be", { required: ["abc"], propertyNames: { maxLength: 2 } }, '"properties/abc"'],
    ["fewer names", { type: "object", propertyNames: { enum: ["a", 1] }, minProperties: 2 }, "the root"],
    ["no values", { enum: [] }, "the root"],
    ["values of another type", { enum: ["a", 1.5], type: "integer" }, "the root"],
    ["values beyond the bounds", { enum: ["abc", "abcd"], type: "string", maxLength: 2 }, "the root"],
    ["a value beside others", { const: 1, enum: [2, 3] }, "the root"],
    ["a value of no branch", { const: 1, anyOf: [{ type: "string" }, { minimum: 2 }] }, "the root"],
    ["two types", { allOf: [{ type: "string" }, { type: "number" }] }, "the root"],
    ["two values", { allOf: [{ const: 1 }, { const: 2 }] }, "the root"],
    ["two lengths", { type: "string", allOf: [{ minLength: 3 }, { maxLength: 2 }] }, "the root"],
    [
      "two closed objects",
      {
        allOf: ["a", "b"].map((name) => ({
          properties: { [name]: {} },
          required: [name],
          additionalProperties: false,
        })),
      },
      '"properties/a"',
    ],
    [
      "two tuples",
      {
        type: "array",
        minItems: 1,
        allOf: [{ prefixItems: [{ type: "string" }] }, { prefixItems: [{ type: "null" }] }],
      },
      '"prefixItems/0"',
    ],
    ["no type", { type: [] }, "the root"],
    ["the negation of all", { not: { anyOf: [{ type: "string" }, { description: "anything" }] } }, "the root"],
    ["no branch", { anyOf: [{ not: {} }, false, { enum: [] }] }, "the root"],
    ["branches that are the same", { oneOf: [{ type: "string" }, { type: "string" }] }, "the root"],
    ["a false branch of all", { allOf: [{}, false] }, "the root"],
    ["a definition that is false", { $ref: "#/$defs/a", $defs: { a: false } }, '"#/$defs/a"'],
    [
      "an object without an end",
      { $ref: "#/$defs/a", $defs: { a: { properties: { a: { $ref: "#/$defs/a" } }, required: ["a"] } } },
      '"#/$defs/a"',
    ],
    ["a list without an end", { type: "array", items: { $ref: "#" }, minItems: 1 }, '"#"'],
    [
      "two without an end",
      {
        $ref: "#/$defs/a",
        $defs: {
          a: { type: "array", items: { $ref: "#/$defs/b" }, minItems: 1 },
          b: { anyOf: [{ type: "array", prefixItems: [{ $ref: "#/$defs/a" }], minItems: 1 }, false] },
        },
      },
      '"#/$defs/a"',
    ],
  ];

  it.each(impossible)("[I1] refuses %s, alone and where it is needed", (_, schema, place) => {
    const whole = typeof schema === "boolean" ? { allOf: [schema] } : schema;
    expect(() => schemaGrammar(whole)).toThrow(UnsupportedError);
    expect(() => schemaGrammar(whole)).toThrow(`at ${place}, it accepts nothing.`);
    const { $defs, ...part } = whole;
    const roots = JSON.stringify(part).includes('"#"');
    const within = (property: JsonSchema) => ({
      ...($defs && { $defs }),
      properties: { x: property },
      required: ["x"],
    });
    if (!roots) expect(() => schemaGrammar(within(part))).toThrow("it accepts nothing.");
    expect(() => argumentsGrammar({ name: "f", parameters: whole })).toThrow("it accepts nothing.");
    expect(() =>
      callsGrammar([
        { name: "g", parameters: {} },
        { name: "f", parameters: whole },
      ]),
    ).toThrow("it accepts nothing.");
    const kept = callsOrSchemaGrammar([{ name: "g", parameters: {} }], {
      anyOf: [{ const: 1 }, roots ? false : part],
      ...($defs && { $defs }),
    });
    expect(accepted(kept, ["1", "2"])).toEqual(["1"]);
  });

  it.each<[string, JsonSchema]>([
    ["counts", { type: "array", items: { type: "string", minLength: 1e9, maxLength: 2e9 }, minItems: 1e12 }],
    ["counts within counts", nested(8, { type: "string", maxLength: 256 })],
    ["places", { type: "array", prefixItems: Array.from({ length: 500 }, () => ({ type: "string" })), minItems: 1e9 }],
    ["ranges", { type: "integer", minimum: -1e300, maximum: 1e300, multipleOf: 7 }],
  ])("[I1] keeps huge %s small", (_, schema) => {
    const grammar = schemaGrammar(schema);
    expect(grammar.length).toBeLessThan(50_000);
    expect(accepted(grammar, ["x"])).toEqual([]);
  });

  it("[I1] refuses what would be too large, or never ends", () => {
    const product = Array.from({ length: 12 }, (_, at) => ({
      anyOf: Array.from({ length: 6 }, (_, value) => ({ properties: { [`p${at}`]: { const: value } } })),
    }));
    expect(() => schemaGrammar({ allOf: product })).toThrow("it is too large for a grammar.");
    expect(() => schemaGrammar(nested(300, {}))).toThrow("it never ends.");
    const circle: Record<string, unknown> = { type: "array", minItems: 1 };
    circle.items = circle;
    expect(() => schemaGrammar(circle)).toThrow("it never ends.");
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
