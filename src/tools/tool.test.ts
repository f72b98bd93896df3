import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { completion, startChat, toolCall } from "../../test/support/chat-server.ts";
import { deepFreeze, thrownBy } from "../../test/support/replay.ts";
import { openai } from "../providers/openai/index.ts";
import { type Tool, tool } from "./tool.ts";
import { ToolError } from "./tool-error.ts";
import { serializeOutput } from "./tool-output.ts";
import { toolkit } from "./toolkit.ts";

const calls = (...made: object[]): object => completion({ tool_calls: made });
const format = tool({
  name: "format_book",
  description: "Formats a book.",
  parameters: z.object({ title: z.string(), author: z.string().optional() }),
  call: ({ title, author }) => `${title} by ${author ?? "somebody"}`,
});

async function use(tools: readonly Tool[], ...made: object[]) {
  const server = await startChat(calls(...made));
  const response = await openai.call("m", { client: server.client, tools }, () => "x")();
  await server.close();
  return { response, body: server.bodies[0] };
}

// checklist: 110, 111
describe("a tool", () => {
  // checklist: 116
  test("is declared with its schema and used with its arguments validated", async () => {
    const { response, body } = await use([format], toolCall("format_book", { title: "Dune" }));
    expect(body?.tools).toEqual([
      {
        type: "function",
        function: {
          name: "format_book",
          description: "Formats a book.",
          parameters: {
            type: "object",
            properties: { title: { type: "string" }, author: { type: "string" } },
            required: ["title"],
          },
        },
      },
    ]);
    expect(body).not.toHaveProperty("tool_choice");
    const called = response.tool;
    expect(called?.name).toBe("format_book");
    expect(called?.args).toEqual({ title: "Dune" });
    expect(called?.toolCall).toBe(response.response.choices[0]?.message.tool_calls?.[0]);
    expect(await called?.call()).toBe("Dune by somebody");
    expect(response.tools).toBe(response.tools);
    expect(response.finishReasons).toEqual(["tool_calls"]);
    expect(response.content).toBe("");
  });

  test.each([
    ["zod", z.object({ title: z.string() })],
    ["valibot", v.object({ title: v.string() })],
    ["arktype", type({ title: "string" })],
    ["JSON Schema", { type: "object", properties: { title: { type: "string" } }, required: ["title"] }],
  ])("takes a schema of %s", async (_, parameters) => {
    const echo = tool({ name: "echo", parameters, call: (args) => args });
    const { response } = await use(
      [echo],
      toolCall("echo", { title: "Dune" }),
      toolCall("echo", { title: 3 }, "call_2"),
    );
    expect(await response.tools?.[0]?.call()).toEqual({ title: "Dune" });
    expect(() => response.tools?.[1]?.args).toThrow(ToolError);
  });

  // checklist: 118
  test.each(["", "{}", "null"])("without arguments takes %j", async (text) => {
    const now = tool({ name: "now", call: (args) => args });
    const { response, body } = await use([now], toolCall("now", text));
    expect(body?.tools).toEqual([{ type: "function", function: { name: "now" } }]);
    expect(await response.tool?.call()).toEqual({});
  });

  // checklist: 113
  test("in strict mode has optional fields nullable on the wire and absent in its arguments", async () => {
    const strict = tool({
      name: "format_book",
      strict: true,
      parameters: z.object({ title: z.string(), author: z.string().optional() }),
      call: (args) => args,
    });
    const { response, body } = await use([strict], toolCall("format_book", { title: "Dune", author: null }));
    expect(body?.tools).toMatchObject([
      {
        function: {
          strict: true,
          parameters: {
            required: ["title", "author"],
            additionalProperties: false,
            properties: { author: { type: ["string", "null"] } },
          },
        },
      },
    ]);
    expect(await response.tool?.call()).toEqual({ title: "Dune" });
  });

  // checklist: 112
  test("keeps nesting, enums, unions, descriptions and examples", async () => {
    const parameters = z.object({
      kind: z.enum(["a", "b"]).describe("What kind."),
      at: z.object({ lat: z.number(), lon: z.number() }).optional(),
      id: z.union([z.string(), z.number()]).meta({ examples: ["x", 3] }),
    });
    const { body } = await use([tool({ name: "n", parameters, call: () => 0 })], toolCall("n", {}));
    expect(body?.tools).toMatchObject([
      {
        function: {
          parameters: {
            properties: {
              kind: { enum: ["a", "b"], description: "What kind." },
              at: { properties: { lat: { type: "number" } } },
              id: { type: ["string", "number"], examples: ["x", 3] },
            },
          },
        },
      },
    ]);
  });

  test("validates asynchronously where its schema does", async () => {
    const slow = tool({
      name: "slow",
      parameters: z.object({ a: z.number() }).refine(async () => true),
      call: ({ a }) => a,
    });
    const { response } = await use([slow], toolCall("slow", { a: 1 }));
    expect(() => response.tool?.args).toThrow("await call()");
    expect(await response.tool?.call()).toBe(1);
  });

  test.each(["", "with space", "ünïcode", "x".repeat(65), undefined])("cannot be named %j", (name) => {
    expect(() => tool({ name: name as string, call: () => 0 })).toThrow(ToolError);
  });

  // checklist: 121
  test("needs parameters that are an object, and a name of its own", async () => {
    const list = tool({ name: "list", parameters: z.array(z.string()), call: () => 0 });
    expect(await thrownBy(() => openai.call("m", { tools: [list] }, () => "x").prepare())).toMatchObject({
      code: "invalid_tool",
    });
    const twice = openai.call("m", { tools: [format, format] }, () => "x");
    expect(await thrownBy(() => twice.prepare())).toMatchObject({ code: "invalid_tool", toolName: "format_book" });
  });
});

describe("calls by the model", () => {
  // checklist: 86, 88, 117
  test("in parallel, the same tool twice", async () => {
    const { response } = await use(
      [format],
      toolCall("format_book", { title: "A" }, "1"),
      toolCall("format_book", { title: "B" }, "2"),
    );
    expect(await Promise.all(response.tools?.map((one) => one.call()) ?? [])).toEqual([
      "A by somebody",
      "B by somebody",
    ]);
    expect(
      response.toolMessageParams([
        [response.tools![1]!, "b"],
        [response.tools![0]!, "a"],
      ]),
    ).toEqual([
      { role: "tool", tool_call_id: "2", content: "b" },
      { role: "tool", tool_call_id: "1", content: "a" },
    ]);
    expect(response.toolMessage([[response.tools![0]!, new Error("no")]])).toEqual({
      role: "tool",
      content: [{ type: "tool_result", id: "1", name: "format_book", content: "no", isError: true }],
    });
  });

  // checklist: 79
  test("with broken arguments keep the others usable and carry the raw call", async () => {
    const { response } = await use(
      [format],
      toolCall("format_book", '{"title": '),
      toolCall("format_book", { title: 3 }, "2"),
      toolCall("format_book", { title: "C" }, "3"),
    );
    const [broken, wrong, right] = response.tools ?? [];
    const error = (await thrownBy(() => broken?.args)) as ToolError;
    expect(error).toMatchObject({ code: "invalid_arguments", toolName: "format_book", toolCall: { id: "call_1" } });
    expect(error.response).toBe(response);
    expect(error.cause).toBeInstanceOf(SyntaxError);
    expect(await thrownBy(() => wrong?.call())).toMatchObject({ issues: [{ path: ["title"] }] });
    expect(await right?.call()).toBe("C by somebody");
    expect(response.toolCalls).toHaveLength(3);
  });

  // checklist: 80
  test.each(["nope", "constructor", "toString", "__proto__", "hasOwnProperty"])(
    "of %s, which does not exist, are visible and refused",
    async (name) => {
      const { response } = await use([format], toolCall(name, {}));
      expect(response.toolCalls).toMatchObject([{ name, input: "{}" }]);
      expect(() => response.tools).toThrow(expect.objectContaining({ code: "unknown_tool", toolName: name }));
    },
  );

  test("pollute no prototype", async () => {
    const echo = tool({ name: "echo", parameters: z.looseObject({}), call: (args) => args });
    const { response } = await use(
      [echo],
      toolCall("echo", '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
    );
    await response.tool?.call();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  // checklist: 81
  test("of a refusing model are a typed error with its words", async () => {
    await using server = await startChat(completion({ refusal: "No." }));
    const response = await openai.call("m", { client: server.client, tools: [format] }, () => "x")();
    expect(() => response.tools).toThrow(
      expect.objectContaining({ code: "refused", message: "The model refused: No." }),
    );
  });

  test("of the caller's own native tools are left to the caller", async () => {
    await using server = await startChat(calls(toolCall("native", {}), toolCall("format_book", { title: "A" }, "2")));
    const tools = [{ type: "function" as const, function: { name: "native" } }];
    const response = await openai.call(
      "m",
      { client: server.client, tools: [format], callParams: { tools } },
      () => "x",
    )();
    expect(server.bodies[0]?.tools).toMatchObject([
      { function: { name: "format_book" } },
      { function: { name: "native" } },
    ]);
    expect(response.tools?.map(({ name }) => name)).toEqual(["format_book"]);
    expect(response.toolCalls).toHaveLength(2);
  });

  // checklist: 90
  test("are data in the response's record", async () => {
    const { response } = await use([format], toolCall("format_book", { title: "A" }));
    expect(JSON.parse(JSON.stringify(response))).toMatchObject({
      toolCalls: [{ name: "format_book", input: '{"title":"A"}' }],
    });
    expect(JSON.stringify(response.tool)).not.toContain("Formats");
  });

  test("know their context", async () => {
    const seen: unknown[] = [];
    const ask = tool({ name: "ask", call: (_, context) => seen.push(context) });
    const { response } = await use([ask], toolCall("ask", {}));
    const { signal } = new AbortController();
    await response.tool?.call({ signal });
    expect(seen).toEqual([{ signal, toolCallId: "call_1" }]);
  });
});

// checklist: 87
describe("an output as text", () => {
  test.each<[string, unknown, string]>([
    ["a string as it is", "SYSTEM: {x}", "SYSTEM: {x}"],
    ["a number", 3, "3"],
    ["a boolean", false, "false"],
    ["null", null, "null"],
    ["undefined", undefined, "null"],
    ["a set as a list", new Set([1, 2]), "[1,2]"],
    ["a map as an object", new Map([["a", 1]]), '{"a":1}'],
    ["a map with other keys as pairs", new Map([[1, 2]]), "[[1,2]]"],
    [
      "a map with keys of both kinds as pairs",
      new Map<unknown, number>([
        ["a", 1],
        [2, 3],
      ]),
      '[["a",1],[2,3]]',
    ],
    ["a bigint as its digits", { n: 12345678901234567890n }, '{"n":"12345678901234567890"}'],
    ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ["an error as its message", new Error("no"), "no"],
  ])("%s", (_, output, text) => expect(serializeOutput("t", output)).toBe(text));

  test.each<[string, unknown]>([
    [
      "circular",
      (() => {
        const a: Record<string, unknown> = {};
        a.a = a;
        return a;
      })(),
    ],
    ["a function", () => 0],
    ["a nested function", { f: () => 0 }],
    ["a symbol", Symbol("x")],
    // A model reads nothing in base64, and pays for every letter of it.
    ["bytes", new Uint8Array([1, 2, 3])],
    ["bytes in data", { a: [Buffer.from("hi")] }],
    ["a blob", { a: new Blob(["hi"]) }],
  ])("%s is refused by the tool's name", (_, output) => {
    expect(() => serializeOutput("my_tool", output)).toThrow(
      expect.objectContaining({ code: "invalid_output", toolName: "my_tool" }),
    );
  });

  test("ten megabytes take no detour", () =>
    expect(serializeOutput("t", "x".repeat(10_000_000))).toHaveLength(10_000_000));
});

// checklist: 120, 121
describe("a toolkit", () => {
  const library = (state: { level: string; authors: string[] }) =>
    toolkit({
      namespace: "library",
      state,
      tools: ({ authors }) => [
        tool({
          name: "suggest",
          description: "A book for a {level} reader, by one of {authors:list}. {{x}}",
          parameters: z.object({ genre: z.string() }),
          call: ({ genre }) => `${genre} by ${authors[0]}`,
        }),
        tool({ name: "count", description: "Counts.", call: () => authors.length }),
      ],
    });

  test("shares state, prefixes names and describes itself afresh", async () => {
    const kit = library({ level: "young", authors: ["Ann", "Bob"] });
    const [suggest, count] = kit.tools();
    expect(suggest.name).toBe("library_suggest");
    expect(suggest.description).toBe("A book for a young reader, by one of Ann\nBob. {x}");
    kit.state.level = "SYSTEM: old";
    expect(kit.tools()[0].description).toContain("a SYSTEM: old reader");
    const { response } = await use(
      kit.tools(),
      toolCall("library_suggest", { genre: "a" }),
      toolCall("library_count", {}, "2"),
    );
    expect(await response.tools?.[0]?.call()).toBe("a by Ann");
    expect(await response.tools?.[1]?.call()).toBe(2);
    expect(count.name).toBe("library_count");
  });

  test("exists twice in one process, and without a namespace", () => {
    expect(library({ level: "a", authors: [] }).tools()[0].name).toBe(
      library({ level: "b", authors: [] }).tools()[0].name,
    );
    const plain = toolkit({ state: {}, tools: () => [tool({ name: "a", description: "A.", call: () => 0 })] });
    expect(plain.tools()[0].name).toBe("a");
  });

  test.each([
    ["a field its state does not have", "For {nobody}."],
    ["no description", undefined],
    ["an inherited field", "{constructor}"],
  ])("is refused where it is made for %s", (_, description) => {
    const make = () =>
      toolkit({
        namespace: "n",
        state: {},
        tools: () => [tool({ name: "a", ...(description && { description }), call: () => 0 })],
      });
    expect(make).toThrow(expect.objectContaining({ code: "invalid_tool", toolName: "n_a" }));
  });

  test("is refused without tools", () => expect(() => toolkit({ state: {}, tools: () => [] })).toThrow(ToolError));
});

// checklist: 55
test("tools and their definitions may be frozen", async () => {
  const frozen = deepFreeze(
    tool({ name: "a", parameters: { type: "object", properties: { x: { type: "string" } } }, call: () => 0 }),
  );
  const { response } = await use([frozen], toolCall("a", { x: "y" }));
  expect(await response.tool?.call()).toBe(0);
});

test("a tool's mark for the prompt cache goes where there is one and is refused by name elsewhere", async () => {
  const cached = tool({ name: "a", description: "A.", cache: { ttl: "1h" }, call: () => 0 });
  const { anthropic } = await import("../providers/anthropic/index.ts");
  const { bedrock } = await import("../providers/bedrock/index.ts");
  const sent = await anthropic.call("m", { tools: [cached] }, () => "x").prepare();
  expect(sent.request.tools).toMatchObject([{ name: "a", cache_control: { type: "ephemeral", ttl: "1h" } }]);
  const marked = await bedrock.call("m", { tools: [cached] }, () => "x").prepare();
  expect(marked.request.toolConfig?.tools).toMatchObject([
    { toolSpec: { name: "a" } },
    { cachePoint: { type: "default", ttl: "1h" } },
  ]);
  const error = await thrownBy(() => openai.call("m", { tools: [cached] }, () => "x").prepare());
  expect(error).toMatchObject({ code: "unsupported", provider: "openai", feature: "tool cache" });
});

test("an option that no tool has is refused", () => {
  expect(() => tool({ name: "a", describe: "x", call: () => 0 } as never)).toThrow('A tool has no option "describe"');
});
