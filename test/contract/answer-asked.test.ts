import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { call } from "../../src/any-provider.ts";
import { anthropic } from "../../src/providers/anthropic/index.ts";
import { bedrock } from "../../src/providers/bedrock/index.ts";
import { litellm } from "../../src/providers/litellm/index.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { tool } from "../../src/tools/tool.ts";
import { answer, serve } from "../support/anthropic-server.ts";
import { completion, startChat, toolCall } from "../support/chat-server.ts";
import { status } from "../support/fault-server.ts";
import { thrownBy } from "../support/replay.ts";

// How an answer's shape is asked for where a provider's own rules bound it.

const hi = () => "Hi";
const Book = z.object({ title: z.string() });

describe("[D3] Bedrock is held to what it takes", () => {
  const Rated = z.object({
    stars: z.number().min(1).max(5).describe("Stars."),
    share: z.number().gt(0),
    tags: z.array(z.string().regex(/^a/)).max(3).optional(),
  });
  const held = {
    type: "object",
    properties: {
      stars: { type: "number", description: "Stars. (minimum: 1, maximum: 5)" },
      share: { type: "number", description: "(exclusiveMinimum: 0)" },
      tags: {
        type: "array",
        items: { type: "string", description: '(pattern: "^a")' },
        description: "(maxItems: 3)",
      },
    },
    required: ["stars", "share"],
    additionalProperties: false,
  };
  const Tree = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree);
    },
  });

  test("by its schema mode: bounds in words, recursion in words", async () => {
    const { request } = await bedrock.call("m", { responseModel: Rated, jsonMode: "schema" }, hi).prepare();
    const sent = request.outputConfig?.textFormat?.structure?.jsonSchema?.schema ?? "";
    expect(JSON.parse(sent)).toEqual(held);
    const tree = await bedrock.call("m", { responseModel: Tree, jsonMode: "schema" }, hi).prepare();
    expect(tree.request.outputConfig).toBeUndefined();
    expect(JSON.stringify(tree.request.system)).toContain("children");
  });

  test("by a strict tool: the same, and recursion without strict", async () => {
    const rate = tool({ name: "rate", strict: true, parameters: Rated, call: hi });
    const plant = tool({ name: "plant", strict: true, parameters: Tree, call: hi });
    const { request } = await bedrock.call("m", { tools: [rate, plant] }, hi).prepare();
    const specs = request.toolConfig?.tools?.map(({ toolSpec }) => toolSpec);
    expect(specs?.[0]).toEqual({ name: "rate", inputSchema: { json: held }, strict: true });
    expect(specs?.[1]).not.toHaveProperty("strict");
  });
});

describe("[D4] Anthropic's limits of optional properties and unions", () => {
  const many = (count: number) =>
    z.object(Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, z.string().optional()])));
  const unions = (count: number) =>
    z.object(Object.fromEntries(Array.from({ length: count }, (_, index) => [`u${index}`, z.string().nullable()])));

  test("few optional ones are optional, many are asked for in words", async () => {
    const sent = async (responseModel: z.ZodType) =>
      (await anthropic.call("m", { responseModel, jsonMode: "schema" }, hi).prepare()).request;
    const few = await sent(many(17));
    expect(few.output_config?.format?.schema).toMatchObject({ properties: { p16: { type: "string" } }, required: [] });
    expect(few.system).toBeUndefined();
    expect((await sent(unions(16))).output_config).toBeDefined();
    for (const schema of [many(25), unions(17)]) {
      const { output_config, system } = await sent(schema);
      expect(output_config).toBeUndefined();
      expect(system).toContain("JSON Schema");
    }
  });

  test("an answer by such a schema, with absent ones and with null ones", async () => {
    for (const text of ['{"p1":"x"}', '{"p0":null,"p1":"x"}']) {
      await using api = await serve(status(200, answer({ content: [{ type: "text", text }] })));
      const options = { client: api.client, responseModel: many(17), jsonMode: "schema" } as const;
      expect(await anthropic.call("m", options, hi)()).toEqual({ p1: "x" });
    }
  });

  test("a strict tool that is too much is refused by name, be it alone or with others", async () => {
    const strict = (name: string, parameters: z.ZodType) => tool({ name, strict: true, parameters, call: hi });
    const prepare = (...tools: ReturnType<typeof strict>[]) => anthropic.call("m", { tools }, hi).prepare();
    expect((await prepare(strict("a", many(24)))).request.tools).toHaveLength(1);
    await expect(prepare(strict("wide", many(25)))).rejects.toThrow(
      'the strict tool "wide": with it the request has 25',
    );
    await expect(prepare(strict("a", many(24)), strict("b", many(1)))).rejects.toThrow('the strict tool "b"');
    await expect(prepare(strict("u", unions(17)))).rejects.toThrow("17 unions, of at most 16");
    // Beside tools the answer's schema counts with theirs.
    const options = { tools: [strict("a", many(20))], responseModel: many(5), jsonMode: "schema" } as const;
    expect((await anthropic.call("m", options, hi).prepare()).request.output_config).toBeUndefined();
  });
});

describe("[D8] property names on Anthropic", () => {
  test.each(["größe", "first name", "x".repeat(65), ""])("%j is refused by name in a tool", async (key) => {
    const responseModel = jsonSchema({
      type: "object",
      properties: { ok: { type: "object", properties: { [key]: {} } } },
    });
    const error = await thrownBy(() => anthropic.call("m", { responseModel }, hi).prepare());
    expect(error).toMatchObject({ code: "unsupported", message: expect.stringContaining(JSON.stringify(key)) });
    const own = tool({ name: "own", parameters: z.object({ [key]: z.string() }), call: hi });
    await expect(anthropic.call("m", { tools: [own] }, hi).prepare()).rejects.toThrow('of "own"');
    expect((await anthropic.call("m", { responseModel, jsonMode: true }, hi).prepare()).request.system).toBeDefined();
  });

  test("data is no name, nor is a definition", async () => {
    const responseModel = jsonSchema({
      type: "object",
      properties: { "a.b-c_1": { $ref: "#/$defs/Größe" }, properties: { enum: [{ properties: { "ä b": 1 } }] } },
      $defs: { Größe: { type: "string", default: "ä b" } },
    });
    expect((await anthropic.call("m", { responseModel }, hi).prepare()).request.tools).toHaveLength(1);
  });
});

describe("[D16] a model that is told to think is asked in words", () => {
  const now = tool({ name: "now", call: () => "noon" });
  const only = 'Answer only by calling the tool "answer".';
  const oneOf = 'Answer only by calling a tool; "answer" is the one that takes the answer.';

  test.each([
    { thinking: { type: "enabled", budget_tokens: 1024 } },
    { thinking: { type: "adaptive" } },
    { reasoning_config: { type: "enabled", budget_tokens: 1024 } },
  ])("on Bedrock: %j", async (additionalModelRequestFields) => {
    const options = { responseModel: Book, callParams: { additionalModelRequestFields } };
    const { request } = await bedrock.call("m", options, hi).prepare();
    expect(request).toMatchObject({ toolConfig: { toolChoice: { auto: {} } }, system: [{ text: only }] });
    const beside = await bedrock.call("m", { ...options, tools: [now] }, hi).prepare();
    expect(beside.request).toMatchObject({ toolConfig: { toolChoice: { auto: {} } }, system: [{ text: oneOf }] });
  });

  test("on Bedrock, told not to think, the tool is forced", async () => {
    const callParams = { additionalModelRequestFields: { thinking: { type: "disabled" }, top_k: 3 } };
    const { request } = await bedrock.call("m", { responseModel: Book, callParams }, hi).prepare();
    expect(request).toMatchObject({ toolConfig: { toolChoice: { tool: { name: "answer" } } } });
    expect(request.system).toBeUndefined();
  });

  test.each(["low", "none"] as const)("on LiteLLM: reasoning_effort %s", async (reasoning_effort) => {
    await using server = await startChat(completion({ tool_calls: [toolCall("answer", { title: "Dune" })] }));
    const client = new OpenAI({ apiKey: "x", baseURL: server.url });
    const options = { client, responseModel: Book, callParams: { reasoning_effort } };
    expect(await litellm.call("m", options, hi)()).toEqual({ title: "Dune" });
    await litellm.call("m", { ...options, tools: [now] }, hi)();
    const [alone, beside] = server.bodies as [object, object];
    const thinks = reasoning_effort === "low";
    const user = { role: "user", content: "Hi" };
    expect(alone).toMatchObject({
      tool_choice: thinks ? "auto" : { type: "function", function: { name: "answer" } },
      messages: thinks ? [{ role: "system", content: only }, user] : [user],
    });
    expect(beside).toMatchObject({
      tool_choice: thinks ? "auto" : "required",
      messages: thinks ? [{ role: "system", content: oneOf }, user] : [user],
    });
  });
});

describe("[D17] a default limit that the SDK sends", () => {
  test.each([
    [4000, 12_192],
    [16_000, 21_333],
    [60_000, 68_192],
  ])("beside a thinking budget of %d tokens", async (budget_tokens, max_tokens) => {
    await using api = await serve(status(200, answer()));
    const options = { client: api.client, callParams: { thinking: { type: "enabled", budget_tokens } } } as const;
    expect((await anthropic.call("claude-opus-4-5", options, hi)()).content).toBe("Hello");
    expect(api.body()).toMatchObject({ max_tokens });
    const stream = anthropic.call("claude-opus-4-5", { ...options, stream: true }, hi);
    expect((await stream.prepare()).request.max_tokens).toBe(budget_tokens + 8192);
  });

  test("a common limit, whatever it is", async () => {
    await using api = await serve(status(200, answer()));
    const asked = call("anthropic/claude-opus-4-5", { callParams: { maxTokens: 32_000 } }, hi);
    expect((await asked.with({ client: api.client })()).content).toBe("Hello");
    expect(api.body()).toMatchObject({ max_tokens: 32_000 });
  });

  test("a limit in the SDK's own terms is the SDK's to refuse; a client's own time limit stands", async () => {
    await using api = await serve(status(200, answer()));
    const own = anthropic.call("claude-opus-4-5", { client: api.client, callParams: { max_tokens: 32_000 } }, hi);
    await expect(own()).rejects.toThrow(/Streaming is required/);
    let timeout: string | null = null;
    const client = new Anthropic({
      apiKey: "x",
      baseURL: api.server.url,
      timeout: 5000,
      fetch: (url, init) => {
        timeout = new Headers(init?.headers).get("x-stainless-timeout");
        return fetch(url, init);
      },
    });
    const thinking = { type: "enabled", budget_tokens: 16_000 } as const;
    await anthropic.call("claude-opus-4-5", { client, callParams: { thinking } }, hi)();
    expect(timeout).toBe("5");
  });
});
