import { describe, expect, test } from "vitest";
import { completion, send, sentMessages, toolCall, type Wire } from "../../../test/support/mistral-wire.ts";
import { ResponseError } from "../../errors/errors.ts";
import { Messages } from "../../message/message.ts";
import { mistral, provider } from "./index.ts";

/** The response to a plain call that is answered so. */
async function answered(answer: Wire): Promise<mistral.CallResponse> {
  const { result } = await send((client) => mistral.call("m", { client }, () => "x")(), answer);
  return result;
}

const thought = {
  type: "thinking",
  thinking: [
    { type: "text", text: "2 and " },
    { type: "text", text: "2" },
  ],
  closed: true,
};

describe("content", () => {
  test("thoughts stand apart, texts are joined, and all of it goes back byte for byte", async () => {
    const content = [
      { ...thought, signature: "c2ln" },
      { type: "text", text: "It is" },
      { type: "reference", reference_ids: [3, "b"] },
      { type: "text", text: " 4." },
    ];
    const response = await answered(completion({ content }));
    expect(response.content).toBe("It is 4.");
    expect(response.thinking).toBe("2 and 2");
    expect(response.message.content).toEqual([
      { type: "thinking", text: "2 and 2", signature: "c2ln" },
      { type: "text", text: "It is 4." },
    ]);
    const param = { role: "assistant", content, prefix: false };
    const goOn = Messages.user("Go on");
    expect(await sentMessages([Messages.user("x"), response.messageParam, goOn])).toEqual([
      { role: "user", content: "x" },
      param,
      goOn,
    ]);
    expect((await sentMessages([Messages.user("x"), response.message, goOn]))[1]).toEqual(param);
    // Without its origin the thought stays behind, as it does with every other provider.
    const { content: parts } = response.message;
    expect((await sentMessages([{ role: "assistant", content: parts }]))[0]).toMatchObject({ content: "It is 4." });
  });

  test("a chunk of a kind the SDK does not know is kept in the response and hurts nobody", async () => {
    const response = await answered(
      completion({
        content: [
          { type: "chart", x: 1 },
          { type: "text", text: "4" },
        ],
      }),
    );
    expect(response.content).toBe("4");
    expect(response.response.choices[0]?.message?.content?.[0]).toMatchObject({ raw: { type: "chart", x: 1 } });
  });

  test.each<[Wire, string | undefined]>([
    [{ finish_reason: "length" }, "length"],
    [{ finish_reason: "model_length" }, "length"],
    [{ finish_reason: "error", message: undefined }, "error"],
    [{ finish_reason: "a_new_one" }, "other"],
  ])("%j stops for the reason %s", async (choice, reason) => {
    const message = { role: "assistant", content: "" };
    const response = await answered(completion({}, { choices: [{ index: 0, message, ...choice }] }));
    expect([response.finishReasons, response.stopReason, response.content]).toEqual([
      [choice.finish_reason],
      reason,
      "",
    ]);
  });

  test("every choice has its reason", async () => {
    const choices = ["stop", "length"].map((finish_reason, index) => {
      return { index, finish_reason, message: { role: "assistant", content: `${index}` } };
    });
    const response = await answered(completion({}, { choices }));
    expect([response.content, response.finishReasons]).toEqual(["0", ["stop", "length"]]);
  });

  test("several turns: what Mistral's own tools did is no call and no text of the answer", async () => {
    const messages = [
      { role: "assistant", content: "Let me look. ", tool_calls: [toolCall("a", "web_search", "{}")] },
      { role: "tool", tool_call_id: "a", content: "a long page" },
      { role: "assistant", content: "Found it.", tool_calls: [toolCall("b", "save", "{}")] },
    ];
    const response = await answered(completion({}, { choices: [{ index: 0, finish_reason: "tool_calls", messages }] }));
    expect(response.content).toBe("Let me look. Found it.");
    expect(response.toolCalls?.map(({ id }) => id)).toEqual(["b"]);
    expect((await sentMessages([response.messageParam]))[0]).toEqual({
      role: "assistant",
      content: [
        { type: "text", text: "Let me look. " },
        { type: "text", text: "Found it." },
      ],
      tool_calls: [toolCall("b", "save", "{}")],
      prefix: false,
    });
  });

  test.each([null, {}, "text", { choices: [] }, { choices: [{ index: 0, message: { content: null } }] }])(
    "%j is no answer",
    (body) => {
      expect(() => provider.read(body as never)).toThrow(ResponseError);
    },
  );
});

describe("usage", () => {
  const counts = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };

  test.each<[string, Wire, object]>([
    ["cached", { prompt_tokens_details: { cached_tokens: 64 } }, { cacheRead: 64 }],
    ["cached, in its older place", { num_cached_tokens: 64, prompt_tokens_details: null }, { cacheRead: 64 }],
    ["reasoning", { completion_tokens_details: { reasoning_tokens: 7 } }, { reasoning: 7 }],
    ["audio", { prompt_token_details: { audio_tokens: 9 } }, { inputAudio: 9 }],
  ])("%s tokens", async (_, more, expected) => {
    const response = await answered(completion({}, { usage: { ...counts, ...more } }));
    expect(response.tokens).toEqual({ input: 100, output: 20, ...expected });
    expect(response.usage).toMatchObject({ promptTokens: 100, ...more });
  });

  test("zeros that the SDK made up are no counts, an empty answer's is", async () => {
    const unknown = await answered(completion({}, { usage: {} }));
    expect([unknown.inputTokens, unknown.outputTokens, unknown.cost]).toEqual([undefined, undefined, undefined]);
    const empty = await answered(completion({}, { usage: { prompt_tokens: 9, total_tokens: 9 } }));
    expect([empty.inputTokens, empty.outputTokens]).toEqual([9, 0]);
  });

  test("the cost is known at list price, not for a premium tier or for sound", async () => {
    const costWith = async (more: Wire) => (await answered(completion({}, { usage: { ...counts, ...more } }))).cost;
    expect(await costWith({ service_tier: "standard" })).toBeCloseTo((120 * 0.25) / 1e6, 12);
    expect(await costWith({ service_tier: "priority" })).toBeUndefined();
    expect(await costWith({ prompt_audio_seconds: 15 })).toBeUndefined();
    expect(await costWith({ prompt_audio_seconds: 0 })).toBeDefined();
  });
});
