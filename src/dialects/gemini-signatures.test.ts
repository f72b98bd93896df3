import { describe, expect, test } from "vitest";
import { deepFreeze } from "../../test/support/replay.ts";
import { Messages } from "../message/message.ts";
import { madeHere } from "../message/origin.ts";
import type { Message } from "../message/parts.ts";
import { gemini } from "../providers/gemini/index.ts";
import { vertex } from "../providers/vertex/index.ts";

const placeholder = "skip_thought_signature_validator";
const call = (name: string, thoughtSignature?: string) => ({
  functionCall: { name, args: {} },
  ...(thoughtSignature !== undefined && { thoughtSignature }),
});
const own = (...parts: object[]): Message =>
  ({
    role: "assistant",
    content: parts.map(() => ({ type: "tool_call", id: "", name: "now", arguments: "{}" })),
    native: madeHere({ provider: "gemini", message: { role: "model", parts } }),
  }) as const;
const result: Message = { role: "tool", content: [{ type: "tool_result", id: "", name: "now", content: "noon" }] };
const foreign: Message = {
  role: "assistant",
  content: [{ type: "tool_call", id: "", name: "now", arguments: "{}" }],
};

describe.each(["gemini", "vertex"] as const)("[A9] a call without a signature, on %s", (name) => {
  // Both services have the same messages; their parameters do not matter here.
  const ask = (name === "gemini" ? gemini.call : vertex.call) as typeof gemini.call;
  async function sent(model: string, ...messages: readonly object[]) {
    const { request, changes } = await ask(model, () => deepFreeze(messages) as Message[]).prepare();
    const signatures = request.contents.flatMap(({ parts = [] }) =>
      parts.flatMap((part) => (part.functionCall ? [part.thoughtSignature] : [])),
    );
    return { request, signatures, changes };
  }
  const user = Messages.user("What time is it?");

  test.each(["gemini-3-pro-preview", "gemini-flash-latest", "models/gemini-pro-latest", "endpoints/1234", "gemini-4"])(
    "gets the placeholder for %s, which may check it",
    async (model) => {
      expect((await sent(model, user, foreign, result)).signatures).toEqual([placeholder]);
      const moved = await sent(model, user, own(call("now")), result);
      expect(moved.signatures).toEqual([placeholder]);
      expect(moved.changes).toContain("Calls without a signature are given Google's placeholder for one: 1.");
      const bare = { role: "model", parts: [{ text: "Let me see." }, call("now"), call("now")] };
      expect((await sent(model, user, bare, result)).signatures).toEqual([placeholder, undefined]);
    },
  );

  test.each(["gemini-2.5-flash", "gemini-2.0-flash", "gemini-1.5-pro", "publishers/google/models/gemini-2.5-pro"])(
    "stays as it is for %s",
    async (model) => {
      expect((await sent(model, user, foreign, result)).signatures).toEqual([undefined]);
      expect((await sent(model, user, own(call("now")), result)).signatures).toEqual([undefined]);
    },
  );

  test("[A2] parts that hold nothing are left out, but for one that carries a signature", async () => {
    const parts = [{ text: "" }, { text: "Yes." }, { text: "", thoughtSignature: "c2lnbmVk" }];
    const { request, changes } = await sent("gemini-2.5-flash", user, { role: "model", parts }, user);
    expect(request.contents[1]?.parts).toEqual(parts.slice(1));
    expect(changes).toEqual(["Blank texts of answers are left out: 1."]);
  });

  test("stays as it is where it has one, and before the current turn", async () => {
    const signed = own(call("now", "c2lnbmVk"), call("now"));
    const both = { role: "tool", content: [...(result.content as []), ...(result.content as [])] };
    expect((await sent("gemini-3-pro-preview", user, signed, both)).signatures).toEqual(["c2lnbmVk", undefined]);
    const past = own(call("now"));
    const { request, signatures } = await sent(
      "gemini-3-pro-preview",
      user,
      past,
      result,
      user,
      own(call("now")),
      result,
    );
    expect(signatures).toEqual([undefined, placeholder]);
    expect(request.contents[1]).toBe(past.native?.message);
  });
});
