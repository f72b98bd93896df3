import type { Cohere } from "cohere-ai";
import { describe, expect, test } from "vitest";
import { answer, serve, toolCall } from "../../../test/support/cohere-server.ts";
import { inTurn, status } from "../../../test/support/fault-server.ts";
import { type Json, thrownBy } from "../../../test/support/replay.ts";
import { PromptError, UnsupportedError } from "../../errors/errors.ts";
import { loadHistory, saveHistory } from "../../message/history.ts";
import { audio, document, image } from "../../message/media.ts";
import { Messages } from "../../message/message.ts";
import type { DocumentPart, Message } from "../../message/parts.ts";
import { tool } from "../../tools/tool.ts";
import { cohere } from "./index.ts";

type Prompted = readonly (Message | Cohere.ChatMessageV2)[];

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5p3VAAAAAABJRU5ErkJggg==",
  "base64",
);

/** The messages on the wire. */
async function sent(...messages: Prompted): Promise<unknown> {
  await using api = await serve();
  await cohere.call("command-a-03-2025", { client: api.client }, () => ({ messages: [...messages] }))();
  return api.body().messages;
}

async function refused(...messages: Prompted): Promise<unknown> {
  const call = cohere.call("command-a-03-2025", () => ({ messages: [...messages] }));
  return thrownBy(() => call.prepare());
}

describe("messages to the wire", () => {
  test("results of tools hold documents of text, as what a model cites", async () => {
    const call = { type: "tool_call", id: "1", name: "look", arguments: "{}" } as const;
    const turns = (part: DocumentPart): Message[] => [
      Messages.user("Hi"),
      Messages.assistant([call]),
      { role: "tool", content: [{ type: "tool_result", id: "1", name: "look", content: [text, part] }] },
    ];
    const text = { type: "text", text: "Found:" } as const;
    const data = Buffer.from("Größe: 3").toString("base64");
    const note: DocumentPart = { type: "document", data, mediaType: "text/plain", name: "notes" };
    expect(await sent(...turns(note))).toMatchObject([
      {},
      {},
      {
        role: "tool",
        tool_call_id: "1",
        content: [text, { type: "document", document: { data: { title: "notes", text: "Größe: 3" } } }],
      },
    ]);
    const address: DocumentPart = { type: "document", url: "https://example.com/a.txt" };
    expect(await refused(...turns(address))).toMatchObject({ code: "unsupported", feature: "document url" });
  });

  test("every role stays what and where it is, system messages too", async () => {
    const turns = [
      Messages.system("Be brief."),
      Messages.user("Hi"),
      Messages.assistant("Ho"),
      Messages.system("Be loud."),
      Messages.user("Bye"),
    ];
    expect(await sent(...turns)).toEqual(turns);
  });

  test("text parts stay parts, thoughts of others are left out", async () => {
    const parts = [
      { type: "text", text: "One." },
      { type: "text", text: "Two." },
    ] as const;
    expect(await sent({ role: "user", content: parts })).toEqual([{ role: "user", content: parts }]);
    const thought = { type: "thinking", text: "Hm.", signature: "of another" } as const;
    const turn: Message = { role: "assistant", content: [thought, ...parts], native: { provider: "x", message: {} } };
    expect(await sent(Messages.user("?"), turn)).toEqual([
      { role: "user", content: "?" },
      { role: "assistant", content: parts },
    ]);
    expect(await sent({ ...Messages.assistant("Ho"), native: { provider: "x", message: {} } })).toEqual([
      { role: "assistant", content: "Ho" },
    ]);
  });

  test("pictures go as data URLs or by their address", async () => {
    const url = "https://example.com/a.png";
    const message = Messages.user(["Look:", image(png), image(url, { detail: "low" })]);
    expect(await sent(message)).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "Look:" },
          {
            type: "image_url",
            image_url: { url: `data:image/png;base64,${png.toString("base64")}`, detail: "auto" },
          },
          { type: "image_url", image_url: { url, detail: "low" } },
        ],
      },
    ]);
  });

  test.each([
    ["sound", Messages.user([audio(Buffer.from("RIFF\0\0\0\0WAVEfmt "))]), "cohere takes no audio part", "text, image"],
    ["a document", Messages.user([document(Buffer.from("%PDF-1.7"))]), "cohere takes no document part", "text, image"],
    [
      "a cache mark",
      Messages.user(["a", { type: "cache_control", cacheType: "ephemeral" }]),
      "cohere takes no cache_control part",
      "text, image",
    ],
    ["a picture for the system", Messages.system(["a", image(png)]), "no image part", "role system; it takes text"],
    [
      "a picture of another kind",
      Messages.user([{ type: "image", data: "AAAA", mediaType: "image/heic" }]),
      "image/png, image/jpeg, image/webp, image/gif",
      "image/heic",
    ],
    ["a picture in a bucket", Messages.user([image("gs://bucket/a.png")]), "not gs:", "give its bytes"],
    ["text as a tool's", { role: "tool", content: "5" } as const, "no text part", "it takes tool_result"],
  ])("%s is refused before anything is sent", async (_, message, ...said) => {
    const error = await refused(message);
    expect(error).toBeInstanceOf(UnsupportedError);
    for (const part of ["cohere", ...said]) expect((error as Error).message).toContain(part);
  });

  test("native messages pass as the very objects they are, beside neutral ones", async () => {
    const native: Cohere.ChatMessageV2[] = [
      { role: "user", content: [{ type: "image_url", imageUrl: { url: "https://example.com/a.png" } }] },
      { role: "assistant", content: [{ type: "thinking", thinking: "Hm." }], toolPlan: "I plan." },
      { role: "tool", toolCallId: "1", content: [{ type: "document", document: { data: { a: 1 }, id: "d" } }] },
      { role: "user", content: [{ type: "text", text: "Hi" }] },
    ];
    const call = cohere.call("command-a-03-2025", () => ({ messages: [Messages.system("Hi"), ...native] }));
    const { messages } = await call.prepare();
    for (const [index, message] of native.entries()) expect(messages[index + 1]).toBe(message);
    expect(await sent(...native)).toEqual([
      { role: "user", content: [{ type: "image_url", image_url: { url: "https://example.com/a.png" } }] },
      { role: "assistant", content: [{ type: "thinking", thinking: "Hm." }], tool_plan: "I plan." },
      { role: "tool", tool_call_id: "1", content: [{ type: "document", document: { data: { a: 1 }, id: "d" } }] },
      { role: "user", content: [{ type: "text", text: "Hi" }] },
    ]);
  });

  test("a message of another provider is refused by its place", async () => {
    const parts = { role: "model", parts: [{ text: "Hi" }] } as never;
    const result = { role: "tool", tool_call_id: "1", content: "5" } as never;
    for (const message of [parts, result]) {
      const error = await refused(Messages.user("Hi"), message);
      expect(error).toBeInstanceOf(PromptError);
      expect((error as Error).message).toContain("Message 1 is not a message of cohere");
    }
  });
});

describe("tool calls and results", () => {
  const time = tool({ name: "get_time", call: () => "12:00" });

  test("in neutral form", async () => {
    const calls: Message = {
      role: "assistant",
      content: [
        { type: "tool_call", id: "time00001", name: "get_time", arguments: "" },
        { type: "tool_call", id: "weather02", name: "get_weather", arguments: '{"city":"Rome"}' },
      ],
    };
    const results: Message = {
      role: "tool",
      content: [
        { type: "tool_result", id: "time00001", name: "get_time", content: "12:00" },
        { type: "tool_result", id: "weather02", name: "get_weather", content: "no", isError: true },
      ],
    };
    expect(await sent(Messages.user("?"), calls, results)).toEqual([
      { role: "user", content: "?" },
      {
        role: "assistant",
        tool_calls: [toolCall("time00001", "get_time", "{}"), toolCall("weather02", "get_weather", '{"city":"Rome"}')],
      },
      { role: "tool", tool_call_id: "time00001", content: "12:00" },
      { role: "tool", tool_call_id: "weather02", content: "no" },
    ]);
  });

  test("an answer goes back to the byte: plan, thoughts, citations, calls, and what nobody knows yet", async () => {
    const citations = [
      {
        start: 0,
        end: 3,
        text: "Now",
        sources: [{ type: "tool", id: "1:0", tool_output: { a_b: "5" } }],
        content_index: 1,
        type: "TEXT_CONTENT",
      },
    ];
    const content = [
      { type: "thinking", thinking: "Hm." },
      { type: "text", text: "Now" },
      { type: "sound", new_key: 1 },
    ];
    const calls = [toolCall("1", "get_time", "{}"), toolCall("2", "get_time", "")];
    const message: Json = { content, tool_plan: "I look.", tool_calls: calls, citations, new_key: { a_b: 1 } };
    await using api = await serve(
      inTurn(status(200, answer(message, { finish_reason: "TOOL_CALL" })), status(200, answer())),
    );
    const options = { client: api.client, tools: [time] };
    const first = await cohere.call("command-a-03-2025", options, () => "What time is it?")();
    expect(first).toMatchObject({ content: "Now", thinking: "Hm.I look.", stopReason: "tool_calls" });
    const uses = first.tools ?? [];
    const outcomes = [
      [uses[0], "12:00"],
      [uses[1], new Error("broken")],
    ] as never;
    const goOn = (turn: Message | Cohere.ChatMessageV2) =>
      cohere.call("command-a-03-2025", options, () => ({
        messages: [...first.messages, turn, ...first.toolMessageParams(outcomes)],
      }))();
    await goOn(first.messageParam);
    await goOn(loadHistory(JSON.parse(JSON.stringify(saveHistory([first.message]))))[0] as Message);
    const expected = [
      { role: "user", content: "What time is it?" },
      // Empty arguments are no JSON, and what the whole answer has in their place is this.
      { role: "assistant", ...message, tool_calls: [calls[0], toolCall("2", "get_time", "{}")] },
      { role: "tool", tool_call_id: "1", content: "12:00" },
      { role: "tool", tool_call_id: "2", content: expect.stringContaining("broken") },
    ];
    expect(api.body(1).messages).toEqual(expected);
    expect(api.body(2).messages).toEqual(expected);
  });
});
