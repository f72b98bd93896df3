import type OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { inTurn, status } from "../../../../test/support/fault-server.ts";
import { deepFreeze, type Json, thrownBy } from "../../../../test/support/replay.ts";
import {
  answer,
  answering,
  functionCall,
  message,
  reasoning,
  serve,
  usage,
} from "../../../../test/support/responses-server.ts";
import { ConfigError, PromptError, UnsupportedError } from "../../../errors/errors.ts";
import { loadHistory, saveHistory } from "../../../message/history.ts";
import { audio, document, image } from "../../../message/media.ts";
import { Messages } from "../../../message/message.ts";
import type { Message } from "../../../message/parts.ts";
import { ParseError } from "../../../structured/parse-error.ts";
import { tool } from "../../../tools/tool.ts";
import { ToolError } from "../../../tools/tool-error.ts";
import { openai, responses } from "../index.ts";

const asked = "gpt-5-mini";
type Item = OpenAI.Responses.ResponseInputItem;
type Prompted = readonly (Message | Item | responses.AssistantTurn)[];

/** The body that is sent for these messages and options. */
async function sent(messages: Prompted, options: responses.CallOptions = {}): Promise<Json> {
  const prepared = await responses.call(asked, options as object, () => ({ messages: [...messages] })).prepare();
  return prepared.request as object as Json;
}

const weather = tool({
  name: "get_weather",
  description: "The weather in a city",
  parameters: z.object({ place: z.object({ city: z.string() }) }),
  call: ({ place }) => `Sunny in ${place.city}`,
});
const now = tool({ name: "get_time", call: () => "12:00" });
const search = { type: "web_search" } as const;

describe("requests", () => {
  test("the shortest call sends model and message, and reads everything", async () => {
    await using api = await serve();
    const response = await openai.responses.call(
      asked,
      { client: api.client },
      (name: string) => `I am ${name}`,
    )("Ada");
    expect(api.server.requests[0]?.path).toBe("/responses");
    expect(api.body()).toEqual({ model: asked, input: [{ role: "user", content: "I am Ada" }] });
    expect(response.response).toEqual({ ...answer(), output_text: "Hello" });
    expect(response.callKwargs).toEqual(api.body());
    expect(response).toMatchObject({
      provider: "openai-responses",
      content: "Hello",
      model: answering,
      id: "resp_1",
      finishReasons: ["completed"],
      stopReason: "stop",
      usage,
      inputTokens: 100,
      outputTokens: 20,
      cachedTokens: 40,
      tokens: { input: 100, output: 20, cacheRead: 40, cacheWrite: 0, reasoning: 8 },
      userMessageParam: { role: "user", content: "I am Ada" },
    });
    // 0.25, cached 0.025 and 2 US dollars a million tokens: https://openai.com/api/pricing
    expect(response.cost).toBeCloseTo((60 * 0.25 + 40 * 0.025 + 20 * 2) / 1e6, 12);
    expect([response.tools, response.toolCalls, response.thinking, response.refusal]).toEqual(Array(4).fill(undefined));
  });

  // checklist: 57
  test("system messages and turns stand where they were written", async () => {
    const messages = [
      Messages.system("Be brief."),
      Messages.user("Hi"),
      Messages.assistant("Ho"),
      Messages.system(["Be long."]),
      Messages.user("Bye"),
    ];
    const body = await sent(messages, { callParams: { instructions: "Rules" } });
    expect(body).toEqual({
      model: asked,
      instructions: "Rules",
      input: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Ho" },
        { role: "system", content: "Be long." },
        { role: "user", content: "Bye" },
      ],
    });
  });

  // checklist: 54
  test("native items of every kind pass by reference, among neutral messages too", async () => {
    const native: Item[] = [
      { role: "developer", content: [{ type: "input_text", text: "Rules" }] },
      { type: "message", role: "user", content: "x" },
      { type: "item_reference", id: "msg_0" },
      { id: "msg_00" },
      { type: "function_call", call_id: "c", name: "f", arguments: "{}" },
      { type: "function_call_output", call_id: "c", output: "1" },
      { type: "reasoning", id: "rs", summary: [], encrypted_content: "e" },
      { type: "compaction_trigger" },
    ];
    const { request } = await responses
      .call(asked, () => ({ messages: [...native, Messages.user("Go on")] }))
      .prepare();
    expect(request.input).toEqual([...native, { role: "user", content: "Go on" }]);
    for (const [index, item] of native.entries()) expect((request.input as Item[])[index]).toBe(item);
  });

  test("a foreign message is refused by its index", async () => {
    for (const foreign of [
      { role: "tool", tool_call_id: "1", content: "x" },
      { role: "assistant", content: null, tool_calls: [] },
      { role: "model", parts: [] },
      { type: "message", content: "x" },
    ]) {
      const error = await thrownBy(() => sent([Messages.user("Hi"), foreign as unknown as Item]));
      expect(error).toBeInstanceOf(PromptError);
      expect((error as Error).message).toMatch(
        /^Message 1 is not an input item of openai-responses: .*user, assistant/,
      );
    }
  });

  test("a stored prompt, a response or a conversation needs no message", async () => {
    const nothing = { role: "assistant", output: [] } as const;
    const prompt = { id: "pmpt_1", variables: { name: "Ada" } };
    expect(await sent([nothing], { callParams: { prompt } })).toEqual({ model: asked, prompt });
    expect(await sent([nothing], { callParams: { previous_response_id: "resp_0" } })).not.toHaveProperty("input");
    expect(await sent([nothing], { callParams: { conversation: "conv_0" } })).not.toHaveProperty("input");
    const error = await thrownBy(() => sent([nothing], { callParams: { prompt: null } }));
    expect(error).toBeInstanceOf(PromptError);
    expect((error as Error).message).toContain("`previous_response_id`");
  });

  // checklist: 42, 43
  test("common parameters are translated, and refused where there is no such parameter", () => {
    const { params } = responses.provider;
    const neutral = { model: asked, messages: [Messages.user("Hi")], stream: false, tools: [], output: undefined };
    const common = { temperature: 0.5, topP: 0.9, maxTokens: 100 };
    const { request } = params({ ...neutral, common, callParams: { max_output_tokens: 50 } });
    expect(request).toMatchObject({ temperature: 0.5, top_p: 0.9, max_output_tokens: 50 });
    for (const param of ["stop", "seed", "frequencyPenalty", "presencePenalty"]) {
      const refused = () => params({ ...neutral, common: { [param]: 1 }, callParams: {} });
      expect(refused).toThrow(UnsupportedError);
      expect(refused).toThrow(`openai-responses has no parameter for "${param}"`);
    }
  });

  test("unknown parameters and headers reach the wire, the input is the prompt's", async () => {
    await using api = await serve();
    const callParams = { store: false, brand_new: { on: true } } as responses.CallParams;
    const call = responses.call(asked, { client: api.client, callParams }, () => "Hi");
    await call.with({ headers: { "x-mine": "yes" } })();
    expect(api.body()).toMatchObject({ store: false, brand_new: { on: true } });
    expect(api.server.requests[0]?.headers["x-mine"]).toBe("yes");
    const error = await thrownBy(() => call.with({ callParams: { input: "x" } as responses.CallParams })());
    expect(error).toBeInstanceOf(ConfigError);
  });
});

describe("parts", () => {
  const png = new Uint8Array(
    [0x89, 0x50, 0x4e, 0x47, 0xd, 0xa, 0x1a, 0xa, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52].concat(Array(17).fill(0)),
  );
  const pdf = Buffer.from("%PDF-1.7\n");
  const user = async (...parts: Parameters<typeof Messages.user>[0][]) =>
    ((await sent([Messages.user(parts.flat() as [])])).input as Json[])[0]?.content;

  test("text, pictures and documents become content, addresses pass on", async () => {
    const data = Buffer.from(png).toString("base64");
    const table = { type: "document", data: "YQ==", mediaType: "text/csv" } as const;
    expect(
      await user(
        "Look:",
        image(png),
        image("https://example.com/a.png", { detail: "high" }),
        document(pdf),
        document(pdf, { name: "Report.pdf" }),
        document("https://example.com/a.pdf"),
        table,
      ),
    ).toEqual([
      { type: "input_text", text: "Look:" },
      { type: "input_image", detail: "auto", image_url: `data:image/png;base64,${data}` },
      { type: "input_image", detail: "high", image_url: "https://example.com/a.png" },
      {
        type: "input_file",
        filename: "document.pdf",
        file_data: `data:application/pdf;base64,${pdf.toString("base64")}`,
      },
      {
        type: "input_file",
        filename: "Report.pdf",
        file_data: `data:application/pdf;base64,${pdf.toString("base64")}`,
      },
      { type: "input_file", file_url: "https://example.com/a.pdf" },
      { type: "input_file", filename: "document.csv", file_data: "data:text/csv;base64,YQ==" },
    ]);
  });

  test("a cache mark stands on the part before it", async () => {
    const mark = { type: "cache_control", cacheType: "ephemeral" } as const;
    const marked = { type: "input_text", text: "Long", prompt_cache_breakpoint: { mode: "explicit" } };
    expect(await user("Long", mark, "short")).toEqual([marked, { type: "input_text", text: "short" }]);
    expect((await sent([Messages.system(["Long", mark])])).input).toEqual([{ role: "system", content: [marked] }]);
    await expect(user(mark, "x")).rejects.toThrow("takes no cache_control part in the first place of a message");
    await expect(user("x", { ...mark, ttl: "1h" })).rejects.toThrow("takes no cache_control ttl 1h part");
  });

  // checklist: 58
  test("what the API cannot take is refused before any request", async () => {
    const cases = [
      [
        audio(Buffer.from("RIFF\x24\0\0\0WAVEfmt ")),
        "takes no audio part in a message; a user message takes text, image",
      ],
      [
        { type: "image", data: "AA==", mediaType: "image/heic" },
        "of the types image/jpeg, image/png, image/gif, image/webp",
      ],
      [{ type: "document", data: "AA==", mediaType: "video/mp4" }, "this one is video/mp4"],
      [{ type: "tool_call", id: "1", name: "x", arguments: "{}" }, "takes no tool_call part in a message"],
    ] as const;
    for (const [part, said] of cases) {
      const error = await thrownBy(() => user(part));
      expect(error).toBeInstanceOf(UnsupportedError);
      expect((error as Error).message).toContain(said);
    }
    await expect(sent([Messages.system([image(png)])])).rejects.toThrow("takes no image part in a system message");
    await expect(sent([Messages.assistant([image(png)])])).rejects.toThrow("takes no image part in an answer");
  });

  test("neutral tool calls and results of any provider become items of their own", async () => {
    const messages: Message[] = [
      {
        role: "assistant",
        content: [
          { type: "thinking", text: "hm", signature: "foreign" },
          { type: "text", text: "Let " },
          { type: "text", text: "me see." },
          { type: "tool_call", id: "a", name: "get_weather", arguments: '{"cut":' },
          { type: "tool_call", id: "b", name: "get_time", arguments: "{}" },
        ],
        native: { provider: "anthropic", message: {} },
      },
      {
        role: "tool",
        content: [
          { type: "tool_result", id: "a", name: "get_weather", content: "Sunny" },
          { type: "tool_result", id: "b", name: "get_time", content: "no", isError: true },
        ],
      },
      { role: "assistant", content: [{ type: "thinking", text: "only a thought" }] },
    ];
    expect((await sent(messages)).input).toEqual([
      {
        role: "assistant",
        content: [
          { type: "output_text", text: "Let " },
          { type: "output_text", text: "me see." },
        ],
      },
      { type: "function_call", call_id: "a", name: "get_weather", arguments: '{"INVALID_JSON":"{\\"cut\\":"}' },
      { type: "function_call", call_id: "b", name: "get_time", arguments: "{}" },
      { type: "function_call_output", call_id: "a", output: "Sunny" },
      { type: "function_call_output", call_id: "b", output: "no" },
    ]);
  });
});

describe("tools", () => {
  // checklist: 77, 86, 111
  test("are offered beside the caller's own, called in parallel, and a turn goes back as it came", async () => {
    const output = [
      reasoning(["Weather ", "and time."]),
      { id: "ws_1", type: "web_search_call", status: "completed", action: { type: "search", query: "x" } },
      message("One moment.", { phase: "commentary" }),
      functionCall("a", "get_weather", '{"place":{"city":"Rome"}}'),
      { ...functionCall("b", "get_time", ""), namespace: "clock", caller: { type: "program", caller_id: "p" } },
      { id: "ct_1", type: "custom_tool_call", call_id: "c", name: "write_sql", input: "SELECT 1" },
    ];
    await using api = await serve(inTurn(status(200, answer(output)), status(200, answer())));
    const options = { client: api.client, tools: [weather, now], callParams: { tools: [search] } };
    const response = await responses.call(asked, options, () => "Weather and time in Rome?")();
    expect(api.body().tools).toEqual([
      {
        type: "function",
        name: "get_weather",
        description: "The weather in a city",
        strict: false,
        parameters: expect.objectContaining({ required: ["place"] }),
      },
      {
        type: "function",
        name: "get_time",
        strict: false,
        parameters: { type: "object", properties: {}, additionalProperties: false },
      },
      search,
    ]);
    expect(response).toMatchObject({ content: "One moment.", stopReason: "tool_calls", thinking: "Weather and time." });
    expect(response.toolCalls?.map(({ id, name }) => [id, name])).toEqual([
      ["a", "get_weather"],
      ["b", "get_time"],
      ["c", "write_sql"],
    ]);
    expect(response.toolCalls?.[0]?.native).toBe(response.response.output[3]);
    const outcomes = await Promise.all((response.tools ?? []).map(async (use) => [use, await use.call()] as const));
    const results = response.toolMessageParams([outcomes[0]!, [outcomes[1]![0], new Error("no clock")]]);
    expect(results).toEqual([
      { type: "function_call_output", call_id: "a", output: "Sunny in Rome" },
      { type: "function_call_output", call_id: "b", output: "no clock", caller: { type: "program", caller_id: "p" } },
    ]);
    const history = [...response.messages, response.messageParam, ...results];
    await responses.call(asked, { client: api.client }, () => ({ messages: history }))();
    // Arguments of nothing are no JSON.
    const back = output.map((item) =>
      "arguments" in item && item.arguments === "" ? { ...item, arguments: "{}" } : item,
    );
    const expected = [{ role: "user", content: "Weather and time in Rome?" }, ...back, ...results];
    expect(api.body(1).input).toEqual(expected);
    // The same through JSON, and by way of the neutral form.
    const saved = loadHistory(JSON.parse(JSON.stringify(saveHistory(history))));
    await responses.call(asked, { client: api.client }, () => ({ messages: saved }))();
    expect(api.server.requests[2]?.text).toBe(api.server.requests[1]?.text);
    expect(response.message.content).toEqual([
      { type: "thinking", text: "Weather and time.", signature: "gAAAA==" },
      { type: "text", text: "One moment." },
      { type: "tool_call", id: "a", name: "get_weather", arguments: '{"place":{"city":"Rome"}}' },
      { type: "tool_call", id: "b", name: "get_time", arguments: "{}" },
      // What is no JSON object goes elsewhere as one.
      { type: "tool_call", id: "c", name: "write_sql", arguments: '{"input":"SELECT 1"}' },
    ]);
    // Calls without a result are closed; the turn before that is the very one that came.
    expect(((await sent([response.message])).input as object[]).slice(0, output.length)).toEqual(back);
  });

  test("an unknown tool stays visible, and is an error where tools are asked for", async () => {
    await using api = await serve(status(200, answer([functionCall("a", "constructor", "{}")])));
    const response = await responses.call(asked, { client: api.client, tools: [now] }, () => "Hi")();
    expect(response.toolCalls?.[0]?.name).toBe("constructor");
    expect(() => response.tools).toThrow(ToolError);
  });

  // checklist: 55
  test("nothing the caller passed is changed", async () => {
    const client = { client: {} as OpenAI };
    const messages = deepFreeze([
      Messages.system("Rules"),
      Messages.user(["a", { type: "cache_control", cacheType: "ephemeral" }]),
      { role: "assistant", output: [message("x")] } as unknown as responses.AssistantTurn,
    ]);
    const callParams = deepFreeze({ tools: [search], text: { verbosity: "low" as const } });
    for (const mode of [
      { responseModel: z.object({ a: z.string() }) },
      { jsonMode: true },
      { tools: [weather] },
    ] as const) {
      expect(await sent(messages, { ...client, callParams, ...mode } as responses.CallOptions)).toHaveProperty("input");
    }
  });
});

describe("structured answers", () => {
  const Book = z.object({ title: z.string(), year: z.number().int().optional() });

  test("by a forced tool: named when alone, required beside others", async () => {
    await using api = await serve(status(200, answer([functionCall("a", "answer", '{"title":"Emma","year":1815}')])));
    const call = responses.call(asked, { client: api.client, responseModel: Book }, () => "A book");
    expect(await call()).toEqual({ title: "Emma", year: 1815 });
    expect(api.body()).toMatchObject({
      tool_choice: { type: "function", name: "answer" },
      tools: [{ type: "function", name: "answer", strict: false, parameters: { required: ["title"] } }],
    });
    await call.with({ tools: [now] })();
    await call.with({ callParams: { tools: [search] } })();
    for (const index of [1, 2]) expect(api.body(index).tool_choice).toBe("required");
    await expect(call.with({ callParams: { tool_choice: "auto" } })()).rejects.toThrow(ConfigError);
  });

  test("JSON mode asks in words too, in an item of the input", async () => {
    await using api = await serve(status(200, answer([message('Sure: {"title":"Emma"}')])));
    const callParams = { text: { verbosity: "low" } } as const;
    const options = { client: api.client, responseModel: Book, jsonMode: true, callParams } as const;
    expect(await responses.call(asked, options, () => "A book")()).toEqual({ title: "Emma" });
    const { text, input, ...rest } = api.body() as { text: unknown; input: Json[] };
    expect([text, rest]).toEqual([{ verbosity: "low", format: { type: "json_object" } }, { model: asked }]);
    expect(input).toEqual([
      { role: "system", content: expect.stringContaining('"title"') },
      { role: "user", content: "A book" },
    ]);
  });

  test("schema mode is native and strict, beside other settings of the text", async () => {
    await using api = await serve(status(200, answer([message('{"title":"Emma","year":null}')])));
    const options = { client: api.client, responseModel: Book, jsonMode: "schema" } as const;
    const call = responses.call(asked, options, () => "A book");
    expect(await call.with({ callParams: { text: { verbosity: "high" } } })()).toEqual({ title: "Emma" });
    expect(api.body()).toEqual({
      model: asked,
      input: [{ role: "user", content: "A book" }],
      text: {
        verbosity: "high",
        format: {
          type: "json_schema",
          name: "answer",
          description: expect.any(String),
          strict: true,
          schema: expect.objectContaining({ required: ["title", "year"], additionalProperties: false }),
        },
      },
    });
    const own = call.with({ callParams: { text: { format: { type: "text" } } } });
    await expect(own()).rejects.toThrow(ConfigError);
  });

  test("a refusal and a cut answer are told apart", async () => {
    const refusal = message("", { content: [{ type: "refusal", refusal: "I cannot." }] });
    const cut = answer([message('{"title":"Em', { status: "incomplete" })], {
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
    });
    await using api = await serve(inTurn(status(200, answer([refusal])), status(200, cut)));
    const call = responses.call(asked, { client: api.client, responseModel: Book, jsonMode: "schema" }, () => "A book");
    const refused = (await thrownBy(() => call())) as ParseError & { readonly response: responses.CallResponse };
    expect(refused).toBeInstanceOf(ParseError);
    expect([refused.kind, refused.text, refused.response.refusal]).toEqual(["refused", "I cannot.", "I cannot."]);
    const truncated = (await thrownBy(() => call())) as ParseError & { readonly response: responses.CallResponse };
    expect([truncated.kind, truncated.response.finishReasons, truncated.response.stopReason]).toEqual([
      "truncated",
      ["max_output_tokens"],
      "length",
    ]);
  });
});

// checklist: 69
test("answers that are no text are answers all the same", () => {
  const read = (more: Json) => responses.provider.read(answer([], more) as object as OpenAI.Responses.Response);
  expect(read({ status: "queued", usage: null })).toMatchObject({
    content: "",
    finishReasons: undefined,
    usage: undefined,
  });
  expect(read({ status: "completed" })).toMatchObject({
    content: "",
    finishReasons: ["completed"],
    stopReason: "stop",
  });
  expect(read({ status: "cancelled" })).toMatchObject({ finishReasons: ["cancelled"], stopReason: "other" });
  const filtered = { status: "incomplete", incomplete_details: { reason: "content_filter" } };
  expect(read(filtered)).toMatchObject({ finishReasons: ["content_filter"], stopReason: "content_filter" });
  const bare = { output: [message("x"), { type: "brand_new" }, { type: "message" }, { type: "reasoning" }] };
  const reading = responses.provider.read(bare as unknown as OpenAI.Responses.Response);
  expect(reading).toMatchObject({ content: "x", id: undefined, model: undefined, finishReasons: undefined });
  expect(reading.tokens).toEqual({ input: undefined, output: undefined });
});
