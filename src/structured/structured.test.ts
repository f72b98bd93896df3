import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  chunk,
  completion,
  type Said,
  startChat,
  textChunks,
  toolCall,
  toolChunks,
} from "../../test/support/chat-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { ConfigError } from "../errors/errors.ts";
import { openai } from "../providers/openai/index.ts";
import { jsonSchema } from "../schema/schema.ts";
import { tool } from "../tools/tool.ts";
import { responseOf } from "./extract.ts";
import { ParseError } from "./parse-error.ts";

const Book = z.object({ title: z.string(), author: z.string().optional() }).meta({ title: "Book" });
const say = (text: string) => `Extract ${text}`;
const answers = (name: string, value: unknown, id = "call_1"): object =>
  completion({ tool_calls: [toolCall(name, value, id)] });
const dune = { title: "Dune" };

describe("how an answer is asked for", () => {
  // checklist: 127, 130
  test("a forced tool by default", async () => {
    await using server = await startChat(answers("Book", dune));
    const { value, response } = await openai
      .call(
        "m",
        { client: server.client, responseModel: Book },
        say,
      )("x")
      .withResponse();
    expect(value).toEqual(dune);
    expect(server.bodies[0]).toEqual({
      model: "m",
      messages: [{ role: "user", content: "Extract x" }],
      tools: [
        {
          type: "function",
          function: {
            name: "Book",
            description: expect.any(String),
            parameters: {
              type: "object",
              properties: { title: { type: "string" }, author: { type: "string" } },
              required: ["title"],
            },
          },
        },
      ],
      tool_choice: { type: "function", function: { name: "Book" } },
    });
    expect(response.structuredMode).toBe("tool");
    expect(response.toolCalls).toMatchObject([{ name: "Book" }]);
    expect(response.tools).toBeUndefined();
    expect(responseOf(value)).toBe(response);
  });

  // checklist: 84, 134
  test("JSON mode shows the schema; the user's message stays the user's", async () => {
    await using server = await startChat(completion({ content: '{"title":"Dune"}' }));
    const { value, response } = await openai
      .call(
        "m",
        { client: server.client, responseModel: Book, jsonMode: true },
        say,
      )("x")
      .withResponse();
    expect(value).toEqual(dune);
    const { messages, response_format } = server.bodies[0] as {
      messages: { role: string; content: string }[];
      response_format: object;
    };
    expect(response_format).toEqual({ type: "json_object" });
    expect(messages).toHaveLength(2);
    expect(messages[0]).toMatchObject({
      role: "system",
      content: expect.stringContaining('"title":{"type":"string"}'),
    });
    expect(response.userMessageParam).toEqual({ role: "user", content: "Extract x" });
    expect(response.structuredMode).toBe("json");
  });

  // checklist: 113, 137
  test("schema mode is strict: every field required, absent ones null, undone before validation", async () => {
    await using server = await startChat(completion({ content: '{"title":"Dune","author":null}' }));
    const value = await openai.call("m", { client: server.client, responseModel: Book, jsonMode: "schema" }, say)("x");
    expect(value).toEqual(dune);
    expect(server.bodies[0]?.response_format).toEqual({
      type: "json_schema",
      json_schema: {
        name: "Book",
        description: expect.any(String),
        strict: true,
        schema: {
          type: "object",
          properties: { title: { type: "string" }, author: { type: ["string", "null"] } },
          required: ["title", "author"],
          additionalProperties: false,
        },
      },
    });
  });

  test("what strict mode cannot say is asked for without it", async () => {
    await using server = await startChat(completion({ content: '{"a":1}' }));
    const Counts = z.record(z.string(), z.number());
    expect(
      await openai.call("m", { client: server.client, responseModel: Counts, jsonMode: "schema" }, say)("x"),
    ).toEqual({ a: 1 });
    expect(server.bodies[0]?.response_format).toMatchObject({ json_schema: { strict: false } });
  });

  // checklist: 136
  test("JSON mode without a model leaves the content to the user", async () => {
    await using server = await startChat(completion({ content: '{"a":1}' }));
    const response = await openai.call("m", { client: server.client, jsonMode: true }, say)("x");
    expect(response.content).toBe('{"a":1}');
    expect(server.bodies[0]?.response_format).toEqual({ type: "json_object" });
  });

  // checklist: 133
  test("a user's own tool choice is refused", async () => {
    const call = openai.call("m", { responseModel: Book, callParams: { tool_choice: "auto" } }, say);
    expect(await thrownBy(() => call.prepare("x"))).toBeInstanceOf(ConfigError);
  });

  test("a schema is converted once", async () => {
    await using server = await startChat(answers("Counted", dune));
    let conversions = 0;
    const counted = {
      "~standard": {
        ...Book["~standard"],
        jsonSchema: {
          input: () => {
            conversions++;
            return { type: "object", title: "Counted", properties: { title: { type: "string" } } };
          },
          output: () => ({}),
        },
      },
    };
    const call = openai.call("m", { client: server.client, responseModel: counted }, say);
    for (let count = 0; count < 3; count++) await call("x");
    expect(conversions).toBe(1);
  });
});

// checklist: 131
describe.each(["tool", "json", "schema"] as const)("in mode %s", (mode) => {
  const options = { tool: {}, json: { jsonMode: true }, schema: { jsonMode: "schema" } }[mode] as { jsonMode?: true };
  type Case = [string, Parameters<typeof openai.call>[1] extends infer _ ? z.ZodType : never, unknown, unknown];

  test.each<Case>([
    ["a string", z.string(), { value: "Dune" }, "Dune"],
    ["a number", z.number().int(), { value: 3 }, 3],
    ["a boolean", z.boolean(), { value: true }, true],
    ["an array", z.array(Book), { value: [dune] }, [dune]],
    ["an enum", z.enum(["a", "b"]), { value: "b" }, "b"],
    ["a literal", z.literal("x"), { value: "x" }, "x"],
    ["a union", z.union([z.string(), Book]), { value: dune }, dune],
    ["a tuple", z.tuple([z.string(), z.string()]), { value: ["a", "b"] }, ["a", "b"]],
    ["nothing", z.null(), { value: null }, null],
    [
      "a nested object",
      z.object({ a: z.object({ b: z.array(z.object({ c: z.number() })) }) }),
      { a: { b: [{ c: 1 }] } },
      { a: { b: [{ c: 1 }] } },
    ],
  ])("%s", async (_, schema, sent, expected) => {
    const said = (name: string): Said =>
      mode === "tool" ? { tool_calls: [toolCall(name, sent)] } : { content: JSON.stringify(sent) };
    await using server = await startChat(completion(said("answer")));
    expect(await openai.call("m", { client: server.client, responseModel: schema, ...options }, say)("x")).toEqual(
      expected,
    );
  });

  test("a recursive schema", async () => {
    interface Tree {
      name: string;
      children?: Tree[] | undefined;
    }
    const Tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), children: z.array(Tree).optional() }));
    const tree = { name: "a", children: [{ name: "b" }] };
    const prepared = await openai.call("m", { responseModel: Tree, ...options }, say).prepare("x");
    const name = prepared.output?.name ?? "";
    const said = mode === "tool" ? { tool_calls: [toolCall(name, tree)] } : { content: JSON.stringify(tree) };
    await using server = await startChat(completion(said));
    expect(await openai.call("m", { client: server.client, responseModel: Tree, ...options }, say)("x")).toEqual(tree);
  });
});

describe("schemas of every library", () => {
  test.each([
    ["zod", z.object({ title: z.string() })],
    ["valibot", v.object({ title: v.string() })],
    ["arktype", type({ title: "string" })],
    [
      "JSON Schema",
      jsonSchema<{ title: string }>({ type: "object", properties: { title: { type: "string" } }, required: ["title"] }),
    ],
  ])("%s", async (_, schema) => {
    await using server = await startChat(answers("answer", dune), answers("answer", { title: 3 }));
    const call = openai.call("m", { client: server.client, responseModel: schema }, say);
    expect(await call("x")).toEqual(dune);
    const error = (await thrownBy(() => call("x"))) as ParseError;
    expect(error).toMatchObject({ kind: "invalid_data" });
    expect(error.issues.length).toBeGreaterThan(0);
  });

  test("a schema made of the call's own arguments", async () => {
    await using server = await startChat(answers("answer", { value: ["a"] }), answers("answer", { value: ["a"] }));
    const same = openai.call(
      "m",
      { client: server.client, responseModel: (texts: string[]) => z.array(z.string()).length(texts.length) },
      (texts: string[]) => texts.join(),
    );
    expect(await same(["x"])).toEqual(["a"]);
    expect(await thrownBy(() => same(["x", "y"]))).toMatchObject({ kind: "invalid_data" });
  });

  // checklist: 138
  test("a field from the arguments is hidden from the model and filled in", async () => {
    await using server = await startChat(answers("answer", dune));
    const fill = (source: string) => z.object({ title: z.string() }).transform((book) => ({ ...book, source }));
    const { value, response } = await openai
      .call(
        "m",
        { client: server.client, responseModel: fill },
        say,
      )("the text")
      .withResponse();
    expect(value).toEqual({ title: "Dune", source: "the text" });
    expect(JSON.stringify(response.callKwargs.tools)).not.toContain("source");
  });

  // checklist: 129
  test("async validators, transforms and defaults", async () => {
    await using server = await startChat(answers("answer", { title: "dune" }));
    const schema = z
      .object({ title: z.string().transform((title) => title.toUpperCase()), year: z.number().default(1965) })
      .refine(async () => true);
    expect(await openai.call("m", { client: server.client, responseModel: schema }, say)("x")).toEqual({
      title: "DUNE",
      year: 1965,
    });
  });

  test("a validator that throws is the cause", async () => {
    await using server = await startChat(answers("answer", dune));
    const cause = new Error("mine");
    const schema = jsonSchema(
      { type: "object", properties: { title: { type: "string" } } },
      {
        validate: () => {
          throw cause;
        },
      },
    );
    expect(
      await thrownBy(() => openai.call("m", { client: server.client, responseModel: schema }, say)("x")),
    ).toMatchObject({ kind: "invalid_data", cause });
  });

  test("a schema with no JSON form is refused before the request", async () => {
    await using server = await startChat(answers("answer", dune));
    const call = openai.call("m", { client: server.client, responseModel: z.object({ when: z.date() }) }, say);
    expect(await thrownBy(() => call("x"))).toBeInstanceOf(ConfigError);
    expect(server.requests).toHaveLength(0);
  });
});

// checklist: 130, 132
describe("answers that are no value", () => {
  test.each<[string, Said, object]>([
    ["no tool call", { content: "I would rather not." }, { kind: "no_tool_call", text: "I would rather not." }],
    ["another tool", { tool_calls: [toolCall("Other", dune)] }, { kind: "wrong_tool" }],
    [
      "bad JSON",
      { tool_calls: [toolCall("Book", '{"title": Dune}')] },
      { kind: "invalid_json", text: '{"title": Dune}' },
    ],
    ["cut off", { tool_calls: [toolCall("Book", '{"title": "Du')], finish: "length" }, { kind: "truncated" }],
    ["cut off before it began", { content: "Let me", finish: "length" }, { kind: "truncated" }],
    ["refused", { refusal: "No." }, { kind: "refused", text: "No." }],
    ["wrong data", { tool_calls: [toolCall("Book", { title: 3 })] }, { kind: "invalid_data", text: '{"title":3}' }],
  ])("%s", async (_, said, expected) => {
    await using server = await startChat(completion(said));
    const call = openai.call("gpt-4o-mini", { client: server.client, responseModel: Book }, say);
    const error = (await thrownBy(() => call("x"))) as ParseError & { readonly response: openai.CallResponse };
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({ code: "parse", ...expected });
    expect(error.response.response.id).toBe("chatcmpl-1");
    expect(error.response.cost).toBeGreaterThan(0);
    expect(error.attempts).toEqual([]);
  });

  // checklist: 135
  test.each([
    ["a fence", '```json\n{"title":"Dune"}\n```', ["fence"]],
    ["chatter", 'Sure! Here: {"title":"Dune"} Anything else?', ["prose"]],
    ["a byte order mark", '\ufeff{"title":"Dune"}', ["byte_order_mark"]],
    ["a trailing comma", '{"title":"Dune",}', ["trailing_comma"]],
    ["braces in its strings", '{"title":"Dune","author":"{ } [ \\" ]"}', []],
    ["a second object", '{"title":"Dune"}\n{"title":"Emma"}', ["prose"]],
  ])("JSON in %s is found, and what stood in the way is told", async (_, content, repairs) => {
    await using server = await startChat(completion({ content }));
    const call = openai.call("m", { client: server.client, responseModel: Book, jsonMode: true }, say);
    const { value, response } = await call("x").withResponse();
    expect(value).toMatchObject(dune);
    expect(response.repairs).toEqual(repairs);
  });

  test("a prototype cannot come from the model", async () => {
    await using server = await startChat(answers("answer", '{"__proto__":{"polluted":true},"title":"Dune"}'));
    const Loose = z.looseObject({ title: z.string() });
    const value = await openai.call("m", { client: server.client, responseModel: Loose }, say)("x");
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("retries", () => {
  test("show the model its answer and what was wrong; every attempt stays reachable", async () => {
    await using server = await startChat(
      answers("Book", { title: 3 }, "a"),
      answers("Book", {}, "b"),
      answers("Book", dune, "c"),
    );
    const call = openai.call(
      "gpt-4o-mini",
      { client: server.client, responseModel: Book, retries: { validation: 2 } },
      say,
    );
    const { value, response } = await call("x").withResponse();
    expect(value).toEqual(dune);
    expect(response.attempts).toHaveLength(2);
    expect(response.attempts.map(({ cost }) => cost)).toEqual([response.cost, response.cost]);
    const { messages } = server.bodies[1] as { messages: object[] };
    expect(messages).toEqual([
      { role: "user", content: "Extract x" },
      { role: "assistant", content: null, tool_calls: [toolCall("Book", { title: 3 }, "a")] },
      { role: "tool", tool_call_id: "a", content: expect.stringContaining("title: ") },
    ]);
    expect((server.bodies[2] as { messages: object[] }).messages).toHaveLength(5);
    expect(server.bodies[2]).toMatchObject({ tool_choice: { function: { name: "Book" } } });
  });

  test("in JSON mode the correction is the user's turn", async () => {
    await using server = await startChat(completion({ content: "What?" }), completion({ content: '{"title":"Dune"}' }));
    const call = openai.call(
      "m",
      { client: server.client, responseModel: Book, jsonMode: true, retries: { validation: 1 } },
      say,
    );
    expect(await call("x")).toEqual(dune);
    expect((server.bodies[1] as { messages: object[] }).messages.slice(-2)).toMatchObject([
      { role: "assistant", content: "What?" },
      { role: "user", content: expect.stringContaining("no complete JSON value") },
    ]);
  });

  test("that do not help end in the last error, with all attempts", async () => {
    await using server = await startChat(answers("Book", {}));
    const call = openai.call("m", { client: server.client, responseModel: Book, retries: { validation: 1 } }, say);
    const error = (await thrownBy(() => call("x"))) as ParseError & { readonly response: openai.CallResponse };
    expect(error).toMatchObject({ kind: "invalid_data" });
    expect(error.attempts).toHaveLength(1);
    expect(server.requests).toHaveLength(2);
  });
});

// checklist: 39, 49
describe("with tools beside it", () => {
  const search = tool({ name: "search", call: () => "found" });

  test("the model chooses: the response where it used a tool, else the value", async () => {
    await using server = await startChat(completion({ tool_calls: [toolCall("search", {})] }), answers("Book", dune));
    const call = openai.call("m", { client: server.client, responseModel: Book, tools: [search] }, say);
    const used = await call("x");
    expect("tools" in used && used.tools?.map(({ name }) => name)).toEqual(["search"]);
    expect(await call("x")).toEqual(dune);
    expect(server.bodies[0]).toMatchObject({
      tool_choice: "required",
      tools: [{ function: { name: "search" } }, { function: { name: "Book" } }],
    });
  });

  test("dynamic tools do not remove the extraction", async () => {
    await using server = await startChat(answers("Book", dune));
    const call = openai.call("m", { client: server.client, responseModel: Book }, () => ({
      messages: "x",
      tools: [search],
    }));
    expect(await call()).toEqual(dune);
    expect(server.bodies[0]?.tools).toHaveLength(2);
  });
});

// checklist: 142
test("a parser gets the validated value", async () => {
  await using server = await startChat(answers("Book", dune));
  const call = openai.call(
    "m",
    { client: server.client, responseModel: Book, outputParser: ({ title }) => title.length },
    say,
  );
  expect(await call("x")).toBe(4);
});

describe("a structured stream", () => {
  const pieces = ['{"title": "D', "une", '", "auth', 'or": "Herb', 'ert"}'];

  // checklist: 139, 141
  test("grows and ends in the validated value", async () => {
    await using server = await startChat(toolChunks("Book", "a", pieces));
    const stream = openai.call("gpt-4o-mini", { stream: true, client: server.client, responseModel: Book }, say)("x");
    expect(() => stream.constructedResponseModel).toThrow("has not come to its end");
    const partials = await collect(stream);
    const whole = { title: "Dune", author: "Herbert" };
    expect(partials).toEqual([{ title: "D" }, { title: "Dune" }, { title: "Dune", author: "Herb" }, whole, whole]);
    expect(stream.constructedResponseModel).toEqual(whole);
    expect(stream.response.inputTokens).toBe(10);
    expect(stream.stream.cost).toBeGreaterThan(0);
    expect(responseOf(stream.constructedResponseModel)).toBeDefined();
    expect(server.bodies[0]).toMatchObject({ stream: true, tool_choice: { function: { name: "Book" } } });
  });

  test.each([
    ["json", { jsonMode: true }],
    ["schema", { jsonMode: "schema" }],
  ] as const)("in mode %s, prose around it or not", async (_, options) => {
    await using server = await startChat(textChunks("Here: ", ...pieces, " Well?"));
    const stream = openai.call("m", { stream: true, client: server.client, responseModel: Book, ...options }, say)("x");
    const partials = await collect(stream);
    expect(partials.at(-1)).toEqual({ title: "Dune", author: "Herbert" });
    expect(partials.length).toBe(5);
  });

  // checklist: 140
  test("of a strict schema shows no null for what is absent", async () => {
    await using server = await startChat(textChunks('{"title":"Dune","author":null', "}"));
    const stream = openai.call(
      "m",
      { stream: true, client: server.client, responseModel: Book, jsonMode: "schema" },
      say,
    )("x");
    expect(await collect(stream)).toEqual([{ title: "Dune" }, { title: "Dune" }]);
  });

  test("never fails on constraints before its end", async () => {
    const Strict = z.object({ kind: z.enum(["alpha", "beta"]), name: z.string().min(5) });
    await using server = await startChat(toolChunks("answer", "a", ['{"kind":"al', 'pha","name":"ab', 'cde"}']));
    const stream = openai.call("m", { stream: true, client: server.client, responseModel: Strict }, say)("x");
    expect((await collect(stream)).at(-1)).toEqual({ kind: "alpha", name: "abcde" });
  });

  test("that ends badly throws, its response reachable", async () => {
    await using server = await startChat(toolChunks("Book", "a", ['{"title":3}']), [chunk({ content: "No" }, "stop")]);
    const call = openai.call("m", { stream: true, client: server.client, responseModel: Book }, say);
    expect(await thrownBy(() => collect(call("x")))).toMatchObject({
      kind: "invalid_data",
      issues: [{ path: ["title"] }],
    });
    expect(await thrownBy(() => collect(call("x")))).toMatchObject({ kind: "no_tool_call" });
  });

  test("gives an array's elements whole and validated, whatever its length must be", async () => {
    const Books = z.array(z.object({ title: z.string().transform((title) => title.toUpperCase()) })).min(2);
    await using server = await startChat(
      toolChunks("answer", "a", ['{"value":[{"title":"a"}', ',{"title":', '"b"}]}']),
    );
    const stream = openai.call("m", { stream: true, client: server.client, responseModel: Books }, say)("x");
    expect(await collect(stream.elements())).toEqual([{ title: "A" }, { title: "B" }]);
    expect(stream.constructedResponseModel).toEqual([{ title: "A" }, { title: "B" }]);
    await using partial = await startChat(toolChunks("answer", "a", ['{"value":["a', '","b"', "]}"]));
    const names = openai.call(
      "m",
      { stream: true, client: partial.client, responseModel: z.array(z.string()) },
      say,
    )("x");
    expect(await collect(names)).toEqual([["a"], ["a", "b"], ["a", "b"]]);
  });

  test("elements of what is no array are refused", async () => {
    await using server = await startChat(toolChunks("Book", "a", pieces));
    const stream = openai.call("m", { stream: true, client: server.client, responseModel: Book }, say)("x");
    expect(await thrownBy(() => collect(stream.elements()))).toBeInstanceOf(ConfigError);
    // At once, not after all of it is paid for.
    expect(stream.stream.content.length + (stream.stream.partialResponse?.outputTokens ?? 0)).toBe(0);
  });

  test("shares what is finished between its steps", async () => {
    await using server = await startChat(toolChunks("answer", "a", ['{"value":[{"a":1}', ',{"a":2}', "]}"]));
    const stream = openai.call(
      "m",
      { stream: true, client: server.client, responseModel: z.array(z.object({ a: z.number() })) },
      say,
    )("x");
    const partials = await collect(stream);
    expect(partials[1]?.[0]).toBe(partials[0]?.[0]);
    expect(partials[0]).toEqual([{ a: 1 }]);
  });
});

describe("what a structured stream must not do", () => {
  const slices = (text: string, size: number) => text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];

  test("look at the whole again with every event: eight times the text is not sixty-four times the work", async () => {
    const time = async (words: number) => {
      const text = JSON.stringify({ title: "word ".repeat(words) });
      await using server = await startChat(toolChunks("Book", "a", slices(text, 16)));
      const stream = openai.call("m", { stream: true, client: server.client, responseModel: Book }, say)("x");
      const before = process.cpuUsage();
      for await (const book of stream) void book.title?.length;
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    await time(500);
    const [small, large] = [await time(2_500), await time(20_000)];
    expect(large / small).toBeLessThan(32);
  });

  test("show what stood in prose before the call", async () => {
    const events = [
      chunk({ content: 'As {"title":"string"}: ' }),
      ...toolChunks("Book", "a", ['{"title":"Du', 'ne"}']),
    ];
    await using server = await startChat(events);
    const stream = openai.call("m", { stream: true, client: server.client, responseModel: Book }, say)("x");
    expect((await collect(stream)).slice(-3)).toEqual([{ title: "Du" }, { title: "Dune" }, { title: "Dune" }]);
  });

  test("refuse good elements for what the schema says of the whole array", async () => {
    const unique = z.array(z.string()).refine((all) => all.length > 1 && new Set(all).size === all.length);
    await using server = await startChat(toolChunks("answer", "a", ['{"value":["a"', ',"b"]}']));
    const stream = openai.call("m", { stream: true, client: server.client, responseModel: unique }, say)("x");
    expect(await collect(stream.elements())).toEqual(["a", "b"]);
  });

  test("take a null for an absent field where it is a value", async () => {
    const Notes = z.array(z.object({ note: z.string().nullable() }));
    await using server = await startChat(textChunks('{"value":[{"note":null}', "]}"));
    const stream = openai.call(
      "m",
      { stream: true, client: server.client, responseModel: Notes, jsonMode: "schema" },
      say,
    )("x");
    expect(await collect(stream.elements())).toEqual([{ note: null }]);
  });
});

test("an object that the token limit cut is no answer, and no tool is run with one", async () => {
  const { anthropic } = await import("../providers/anthropic/index.ts");
  const message = (name: string) => ({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [{ type: "tool_use", id: "a", name, input: { title: "Du" } }],
    stop_reason: "max_tokens",
    usage: { input_tokens: 1, output_tokens: 1 },
  });
  const clientOf = (name: string) => ({ messages: { create: async () => message(name) } }) as never;
  const extract = anthropic.call("m", { client: clientOf("Book"), responseModel: Book }, say);
  expect(await thrownBy(() => extract("x"))).toMatchObject({ kind: "truncated" });
  const look = tool({ name: "look", parameters: Book, call: () => "ran" });
  const response = await anthropic.call("m", { client: clientOf("look"), tools: [look] }, say)("x");
  expect(await thrownBy(() => response.tool?.call())).toMatchObject({ code: "invalid_arguments" });
});
