import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { answer, answering, serve, toolUse, usage } from "../../../test/support/anthropic-server.ts";
import { type Json, thrownBy } from "../../../test/support/replay.ts";
import { PromptError, UnsupportedError } from "../../errors/errors.ts";
import { audio, document, image } from "../../message/media.ts";
import { Messages } from "../../message/message.ts";
import { madeHere } from "../../message/origin.ts";
import type { Message } from "../../message/parts.ts";
import { anthropic } from "./index.ts";

const asked = "claude-haiku-4-5";

type Prompted = readonly (Message | Anthropic.MessageParam)[];

/** The body that is sent for these messages and options. */
async function sent(messages: Prompted, options: object = {}): Promise<Json> {
  const prepared = await anthropic.call(asked, options, () => ({ messages: [...messages] })).prepare();
  return prepared.request as object as Json;
}

describe("requests", () => {
  // checklist: 46, 70
  test("the shortest call sends model, message and a limit, and reads everything", async () => {
    await using api = await serve();
    const response = await anthropic.call(asked, { client: api.client }, (name: string) => `I am ${name}`)("Ada");
    expect(api.server.requests[0]?.path).toBe("/v1/messages");
    expect(api.body()).toEqual({
      model: asked,
      max_tokens: 8192,
      messages: [{ role: "user", content: "I am Ada" }],
    });
    expect(response.content).toBe("Hello");
    expect(response.response).toEqual(answer());
    expect(response.callKwargs).toEqual(api.body());
    expect(response).toMatchObject({
      provider: "anthropic",
      model: answering,
      id: "msg_1",
      finishReasons: ["end_turn"],
    });
    expect(response).toMatchObject({ stopReason: "stop", usage, inputTokens: 10, outputTokens: 5 });
    // 3 and 15 US dollars a million tokens: https://platform.claude.com/docs/en/about-claude/pricing
    expect(response.cost).toBeCloseTo((10 * 3 + 5 * 15) / 1e6, 12);
    expect([response.tools, response.toolCalls, response.thinking, response.refusal]).toEqual(Array(4).fill(undefined));
  });

  // checklist: 56
  test("system messages become the system field, wherever they stand", async () => {
    const turns = [Messages.user("Hi"), Messages.assistant("Ho"), Messages.user("Bye")] as const;
    const plain = turns.map(({ role, content }) => ({ role, content }));
    const one = await sent([Messages.system("Be brief."), ...turns]);
    expect(one).toMatchObject({ system: "Be brief.", messages: plain });
    const later = await sent([Messages.system("One."), turns[0], Messages.system("Two."), turns[1], turns[2]], {
      callParams: { system: "Zero." },
    });
    expect(later).toMatchObject({ system: "Zero.\n\nOne.\n\nTwo.", messages: plain });
    const cached = Messages.system(["Long.", { type: "cache_control", cacheType: "ephemeral", ttl: "1h" }]);
    const blocks = await sent([cached, Messages.system("Short."), turns[0]]);
    expect(blocks.system).toEqual([
      { type: "text", text: "Long.", cache_control: { type: "ephemeral", ttl: "1h" } },
      { type: "text", text: "Short." },
    ]);
    expect(await sent(turns)).not.toHaveProperty("system");
  });

  // checklist: 54
  test("native messages pass by reference, among neutral ones too", async () => {
    const native: Anthropic.MessageParam[] = [
      { role: "system", content: [{ type: "text", text: "Rules", cache_control: { type: "ephemeral" } }] },
      { role: "user", content: [{ type: "document", source: { type: "text", media_type: "text/plain", data: "x" } }] },
      { role: "system", content: [{ type: "text", text: "From now on", cache_control: null }] },
    ];
    const origin = { role: "assistant", content: [{ type: "redacted_thinking", data: "abc" }] };
    const made = madeHere({ provider: "anthropic", message: origin });
    const neutral: Message = { role: "assistant", content: "", native: made };
    const prompt = () => ({ messages: [...native, neutral, Messages.user("Go on")] });
    const { request } = await anthropic.call(asked, prompt).prepare();
    expect(request.messages).toEqual([native[1], native[2], origin, { role: "user", content: "Go on" }]);
    expect(request.messages[0]).toBe(native[1]);
    expect(request.messages[1]).toBe(native[2]);
    expect(request.messages[2]).toBe(origin);
    // The API wants no system message first: one that leads goes where it belongs, its blocks untouched.
    expect(request.system).toBe(native[0]?.content);
  });

  test("another provider's answer keeps its text and loses its native form", async () => {
    const foreign: Message = {
      role: "assistant",
      content: "Ho",
      native: { provider: "openai", message: { role: "assistant", content: "Ho", refusal: null } },
    };
    expect((await sent([Messages.user("Hi"), foreign])).messages).toEqual([
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Ho" },
    ]);
  });

  test("a foreign message is refused by its index", async () => {
    for (const foreign of [
      { role: "tool", tool_call_id: "1", content: "x" },
      { role: "assistant", content: null, tool_calls: [] },
      { role: "model", parts: [] },
    ]) {
      const error = await thrownBy(() => sent([Messages.user("Hi"), foreign as unknown as Anthropic.MessageParam]));
      expect(error).toBeInstanceOf(PromptError);
      expect((error as Error).message).toMatch(/^Message 1 is not a message of anthropic: .*user, assistant or system/);
    }
  });

  // checklist: 42, 43
  test("common parameters are translated, and refused where there is no such parameter", () => {
    const { params } = anthropic.provider;
    const neutral = { model: asked, messages: [Messages.user("Hi")], stream: false, tools: [], output: undefined };
    const common = { temperature: 0.5, topP: 0.9, maxTokens: 100, stop: "END" };
    const { request } = params({ ...neutral, common, callParams: { max_tokens: 50 } });
    expect(request).toMatchObject({ temperature: 0.5, top_p: 0.9, max_tokens: 50, stop_sequences: ["END"] });
    const list = params({ ...neutral, common: { stop: ["A", "B"], maxTokens: 7 }, callParams: {} }).request;
    expect(list).toMatchObject({ stop_sequences: ["A", "B"], max_tokens: 7 });
    for (const param of ["seed", "frequencyPenalty", "presencePenalty"]) {
      const refused = () => params({ ...neutral, common: { [param]: 1 }, callParams: {} });
      expect(refused).toThrow(UnsupportedError);
      expect(refused).toThrow(`anthropic has no parameter for "${param}"`);
    }
  });

  // checklist: 46
  test("a thinking budget comes on top of the default limit", async () => {
    const thinking = { type: "enabled", budget_tokens: 4000 } as const;
    expect(await sent([Messages.user("Hi")], { callParams: { thinking } })).toMatchObject({ max_tokens: 12192 });
    const set = { thinking, max_tokens: 5000 };
    expect(await sent([Messages.user("Hi")], { callParams: set })).toMatchObject({ max_tokens: 5000 });
  });

  test("unknown parameters and headers reach the wire", async () => {
    await using api = await serve();
    const callParams = { temperature: 0, context_management: { edits: [] } } as anthropic.CallParams;
    const call = anthropic.call(asked, { client: api.client, callParams }, () => "Hi");
    await call.with({ headers: { "anthropic-beta": "some-feature" } })();
    expect(api.body()).toMatchObject({ temperature: 0, context_management: { edits: [] } });
    expect(api.server.requests[0]?.headers["anthropic-beta"]).toBe("some-feature");
  });
});

describe("parts", () => {
  const png = Buffer.concat([Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), Buffer.alloc(48)]);
  const pdf = Buffer.from("%PDF-1.7\n");
  const user = async (...parts: Parameters<typeof Messages.user>[0][]) =>
    ((await sent([Messages.user(parts.flat() as [])])).messages as Json[])[0]?.content;

  test("text, pictures and documents become blocks, addresses pass on", async () => {
    const data = Buffer.from(png).toString("base64");
    expect(await user("Look:", image(png), image("https://example.com/a.png", { detail: "high" }))).toEqual([
      { type: "text", text: "Look:" },
      { type: "image", source: { type: "base64", media_type: "image/png", data } },
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
    ]);
    const note = { type: "document", data: Buffer.from("Grüße").toString("base64"), mediaType: "text/plain" } as const;
    expect(await user(document(pdf, { name: "Report" }), document("https://example.com/a.pdf"), note)).toEqual([
      {
        type: "document",
        title: "Report",
        source: { type: "base64", media_type: "application/pdf", data: pdf.toString("base64") },
      },
      { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "Grüße" } },
    ]);
  });

  // checklist: 25
  test("a cache mark stands on the block before it", async () => {
    const mark = { type: "cache_control", cacheType: "ephemeral" } as const;
    expect(await user("Long", mark, "short", { ...mark, ttl: "5m" })).toEqual([
      { type: "text", text: "Long", cache_control: { type: "ephemeral" } },
      { type: "text", text: "short", cache_control: { type: "ephemeral", ttl: "5m" } },
    ]);
    await expect(user(mark, "x")).rejects.toThrow("takes no cache_control part in the first place of a message");
  });

  // checklist: 58
  test("what the API cannot take is refused before any request", async () => {
    const wav = Buffer.from("RIFF\x24\0\0\0WAVEfmt ");
    const heic = { type: "image", data: "AAAA", mediaType: "image/heic" } as const;
    const cases = [
      [audio(wav), "takes no audio part in a message of the role user; it takes text, image, document, cache_control"],
      [heic, "takes image parts of the types image/jpeg, image/png, image/gif, image/webp; this one is image/heic"],
      [image("gs://bucket/a.png"), "begins with http: or https:, not gs:"],
      [{ type: "tool_call", id: "1", name: "x", arguments: "{}" }, "takes no tool_call part in a message of the role"],
    ] as const;
    for (const [part, message] of cases) {
      const error = await thrownBy(() => user(part));
      expect(error).toBeInstanceOf(UnsupportedError);
      expect((error as Error).message).toContain(
        `anthropic ${message.startsWith("begins") ? "takes the address" : message}`,
      );
      expect((error as Error).message).toContain(message);
    }
  });

  // checklist: 57, 86
  test("neutral tool calls and results of any provider are converted, the results of a turn in one message", async () => {
    const messages: Message[] = [
      Messages.user("Weather?"),
      {
        role: "assistant",
        content: [
          { type: "thinking", text: "hm", signature: "foreign" },
          { type: "text", text: "" },
          { type: "tool_call", id: "a", name: "get_weather", arguments: '{"place":{"city":"Rome"}}' },
          { type: "tool_call", id: "b", name: "get_time", arguments: "" },
          { type: "tool_call", id: "c", name: "get_time", arguments: '{"cut":' },
        ],
      },
      { role: "tool", content: [{ type: "tool_result", id: "a", name: "get_weather", content: "Sunny" }] },
      { role: "tool", content: [{ type: "tool_result", id: "b", name: "get_time", content: "no", isError: true }] },
      { role: "assistant", content: [{ type: "thinking", text: "only a thought" }] },
    ];
    expect((await sent(messages)).messages).toEqual([
      { role: "user", content: "Weather?" },
      {
        role: "assistant",
        content: [
          toolUse("a", "get_weather", { place: { city: "Rome" } }),
          toolUse("b", "get_time", {}),
          toolUse("c", "get_time", { INVALID_JSON: '{"cut":' }),
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: "Sunny" },
          { type: "tool_result", tool_use_id: "b", content: "no", is_error: true },
          // A call without a result gets one that says so.
          { type: "tool_result", tool_use_id: "c", content: expect.stringContaining("not run"), is_error: true },
        ],
      },
    ]);
  });
});
