import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answer, serve, toolCall } from "../../../test/support/cohere-server.ts";
import { status } from "../../../test/support/fault-server.ts";
import { deepFreeze, type Json, thrownBy } from "../../../test/support/replay.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import { jsonSchema } from "../../schema/schema.ts";
import { ParseError } from "../../structured/parse-error.ts";
import { tool } from "../../tools/tool.ts";
import { cohere } from "./index.ts";
import { provider } from "./provider.ts";

const model = "command-a-03-2025";
const asked = { role: "user", content: "Who wrote Emma?" };
const Book = z.object({ title: z.string(), author: z.object({ name: z.string() }).optional() });

/** The request for these options, as the SDK is given it. */
async function requestFor(options: cohere.CallOptions): Promise<Json> {
  const call = cohere.call(model, options as object, () => asked.content);
  return (await call.prepare()).request as object as Json;
}

/** Its body on the wire. */
async function sent(options: cohere.CallOptions): Promise<Json> {
  await using api = await serve(status(200, answer({ content: [{ type: "text", text: '{"title":"Emma"}' }] })));
  await thrownBy(async () => {
    await cohere.call(model, { ...options, client: api.client } as object, () => asked.content)();
    throw new Error("sent");
  });
  return api.body();
}

const time = tool({ name: "get_time", call: () => "12:00" });
const weather = tool({
  name: "get_weather",
  description: "The weather in a city",
  parameters: z.object({ place: z.object({ city: z.string() }) }),
  call: ({ place }) => place.city,
});
const declared = {
  type: "function",
  function: { name: "own", parameters: { type: "object", properties: {} } },
} as const;
const placeSchema = {
  type: "object",
  properties: { place: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
  required: ["place"],
};

describe("tools", () => {
  test("a tool without arguments has the schema of an empty object, a nested one its own, the caller's come after", async () => {
    const { tools, messages } = await sent({ tools: [time, weather], callParams: { tools: [declared] } });
    expect(tools).toEqual([
      {
        type: "function",
        function: { name: "get_time", parameters: { type: "object", properties: {}, additionalProperties: false } },
      },
      {
        type: "function",
        function: {
          name: "get_weather",
          description: "The weather in a city",
          parameters: expect.objectContaining(placeSchema),
        },
      },
      declared,
    ]);
    expect(messages).toEqual([asked]);
  });

  test("a schema that says nothing is made one of an object", async () => {
    const open = tool({
      name: "open",
      parameters: jsonSchema({ type: "object" }, { validate: (value) => ({ value }) }),
      call: () => "",
    });
    const { tools } = await requestFor({ tools: [open] });
    expect(tools).toEqual([
      { type: "function", function: { name: "open", parameters: { type: "object", properties: {} } } },
    ]);
  });

  const strict = tool({
    name: "search",
    strict: true,
    parameters: z.object({
      day: z.iso.date().optional(),
      mail: z.email(),
      code: z.string().regex(/[A-Z]{3}/),
      anchored: z.string().regex(/^[A-Z]$/),
      tags: z.array(z.string().min(2)).max(3),
      count: z.int().min(1),
    }),
    call: () => "",
  });

  test("strict ones turn the switch on, without what the API does not know", async () => {
    const body = await sent({ tools: [strict] });
    expect(body.strict_tools).toBe(true);
    const [{ function: fn }] = body.tools as [{ function: { parameters: { properties: Json } } }];
    expect(fn.parameters).toMatchObject({ type: "object", additionalProperties: false });
    expect(fn.parameters.properties).toEqual({
      day: { anyOf: [{ type: "string", format: "date" }, { type: "null" }] },
      mail: { type: "string" },
      code: { type: "string", pattern: "[A-Z]{3}" },
      anchored: { type: "string" },
      tags: { type: "array", items: { type: "string" } },
      count: { type: "integer" },
    });
  });

  test("strict and other ones together cannot be said, but by the caller's own word", async () => {
    const error = await thrownBy(() => requestFor({ tools: [strict, weather] }));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as Error).message).toMatch(
      /either all tools strict or none of them: "search" is strict, "get_weather" is not/,
    );
    const { strict_tools } = await sent({ tools: [weather], callParams: { strictTools: true } });
    expect(strict_tools).toBe(true);
  });

  test("a strict tool without a required argument is refused with the path", async () => {
    const empty = tool({ name: "nested", strict: true, parameters: z.object({ a: z.object({}) }), call: () => "" });
    const error = await thrownBy(() => requestFor({ tools: [empty] }));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as Error).message).toContain('the strict tool "nested" at #/properties/a');
  });
});

describe("structured answers", () => {
  const call = answer({ content: undefined, tool_calls: [toolCall("1", "Book", '{"title":"Emma"}')] });

  test("a forced tool: required, as none can be named; alone the only one, else one of them", async () => {
    await using api = await serve(status(200, call));
    const BookTool = Book.meta({ title: "Book", description: "A book" });
    const options = { client: api.client, responseModel: BookTool };
    expect(await cohere.call(model, options, () => asked.content)()).toEqual({ title: "Emma" });
    expect(await cohere.call(model, { ...options, tools: [time] }, () => asked.content)()).toEqual({ title: "Emma" });
    expect(api.body()).toMatchObject({
      tool_choice: "REQUIRED",
      messages: [asked],
      tools: [{ function: { name: "Book", description: "A book", parameters: { required: ["title"] } } }],
    });
    expect(api.body().tools).toHaveLength(1);
    expect(api.body(1)).toMatchObject({
      tool_choice: "REQUIRED",
      tools: [{ function: { name: "get_time" } }, { function: { name: "Book" } }],
    });
  });

  test("a tool of another name is no answer", async () => {
    const other = answer({ content: undefined, tool_calls: [toolCall("1", "Other", "{}")] });
    await using api = await serve(status(200, other));
    const error = await thrownBy(() => cohere.call(model, { client: api.client, responseModel: Book }, () => "?")());
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({ kind: "wrong_tool", response: { inputTokens: 10 } });
  });

  test("JSON mode: the flag, and the schema in words after the system's", async () => {
    const body = await sent({ jsonMode: true, responseModel: Book });
    expect(body.response_format).toEqual({ type: "json_object" });
    const [system, user] = body.messages as [{ role: string; content: string }, unknown];
    expect(system).toMatchObject({ role: "system", content: expect.stringContaining('"title":{"type":"string"}') });
    expect(user).toEqual(asked);
    const bare = await sent({ jsonMode: true });
    expect(bare.response_format).toEqual({ type: "json_object" });
    expect(bare.messages).toEqual([{ role: "system", content: expect.stringContaining("JSON object") }, asked]);
  });

  test("the schema natively, and no word of it", async () => {
    const body = await sent({ jsonMode: "schema", responseModel: Book });
    expect(body).toEqual({
      model,
      messages: [asked],
      stream: false,
      response_format: {
        type: "json_object",
        json_schema: {
          type: "object",
          properties: {
            title: { type: "string" },
            author: {
              anyOf: [
                {
                  type: "object",
                  properties: { name: { type: "string" } },
                  required: ["name"],
                  additionalProperties: false,
                },
                { type: "null" },
              ],
            },
          },
          required: ["title", "author"],
          additionalProperties: false,
        },
      },
    });
  });

  test.each([
    [
      "a record, which no strict schema can say",
      { responseModel: z.object({ by: z.record(z.string(), z.string()) }) },
      true,
    ],
    ["an empty object, which the API cannot be held to", { responseModel: z.object({ a: z.object({}) }) }, true],
    ["tools beside it", { responseModel: Book, tools: [time] }, false],
    ["the caller's tools beside it", { responseModel: Book, callParams: { tools: [declared] } }, false],
    ["documents beside it", { responseModel: Book, callParams: { documents: ["Emma"] } }, false],
  ])("in words where it cannot be had natively: %s", async (_, options, flag) => {
    const { responseFormat, messages } = await requestFor({ jsonMode: "schema", ...options } as never);
    expect(responseFormat).toEqual(flag ? { type: "json_object" } : undefined);
    expect(messages).toMatchObject([{ role: "system", content: expect.stringContaining("JSON Schema") }, asked]);
  });

  test.each([
    ["toolChoice", { responseModel: Book, callParams: { toolChoice: "NONE" } }],
    ["responseFormat", { jsonMode: true, callParams: { responseFormat: { type: "text" } } }],
    ["responseFormat", { jsonMode: "schema", responseModel: Book, callParams: { responseFormat: { type: "text" } } }],
  ])("`%s` of the caller's beside it is a mistake", async (key, options) => {
    const error = await thrownBy(() => requestFor(options as never));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain(`cohere: \`${key}\``);
  });
});

describe("parameters", () => {
  test("the caller's own go in the SDK's names, those it does not know too", async () => {
    const callParams = { maxTokens: 9, safetyMode: "OFF", thinking: { type: "enabled", tokenBudget: 7 }, new_one: 1 };
    expect(await sent({ callParams: callParams as cohere.CallParams })).toEqual({
      model,
      messages: [asked],
      stream: false,
      max_tokens: 9,
      safety_mode: "OFF",
      thinking: { type: "enabled", token_budget: 7 },
      new_one: 1,
    });
  });

  test("the common ones have a name here, and the caller's own win", () => {
    const common = { temperature: 0, maxTokens: 9, topP: 0.5, seed: 7, frequencyPenalty: 0.1, presencePenalty: 0.2 };
    const neutral = { model, messages: [], tools: [], output: undefined, stream: false };
    const { request } = provider.params({ ...neutral, common: { ...common, stop: "END" }, callParams: { seed: 8 } });
    expect(request).toEqual({
      model,
      messages: [],
      temperature: 0,
      maxTokens: 9,
      p: 0.5,
      stopSequences: ["END"],
      seed: 8,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
    });
    const several = provider.params({ ...neutral, common: { stop: ["A", "B"] }, callParams: {} });
    expect(several.request.stopSequences).toEqual(["A", "B"]);
  });

  test("nothing that was given is changed", async () => {
    await using api = await serve();
    const messages = deepFreeze([{ role: "system", content: "Be brief." }, asked]);
    const callParams = deepFreeze({ tools: [declared], stopSequences: ["END"] });
    const given = { client: api.client, callParams, tools: deepFreeze([time]), jsonMode: true };
    await cohere.call(model, given as never, () => ({ messages }) as never)();
    expect(api.body().stop_sequences).toEqual(["END"]);
  });
});
