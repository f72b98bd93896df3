import { describe, expect, test } from "vitest";
import { UnsupportedError } from "../../src/errors/errors.ts";
import { Messages } from "../../src/message/message.ts";
import type { Message, Part } from "../../src/message/parts.ts";
import { thrownBy } from "../support/replay.ts";
import { calledIn, sentBody } from "./begin.ts";
import { type Lane, lanes } from "./lanes.ts";
import { broken } from "./rules.ts";
import { turnsOf } from "./wire.ts";

// Conversations as they come from elsewhere, in an order and with gaps that one provider or the other refuses.

const elsewhere = { provider: "elsewhere", message: { role: "assistant" } };
const answer = (...content: Part[]): Message => ({ role: "assistant", content, native: elsewhere });
const call = (id: string, name = "weather"): Part => ({ type: "tool_call", id, name, arguments: '{"city":"Rome"}' });
const result = (id: string, content = "Sun.", name = "weather"): Part => ({ type: "tool_result", id, name, content });
const results = (...content: Part[]): Message => ({ role: "tool", content });
const text = (words: string): Part => ({ type: "text", text: words });
const thought: Part = { type: "thinking", text: "Hm.", signature: "foreign" };
const hi = Messages.user("Hi");
const next = Messages.user("And now?");

const conversations: { readonly [title: string]: readonly Message[] } = {
  "that begins with an answer": [Messages.assistant("How can I help?"), hi],
  "that begins with a call": [answer(call("a")), results(result("a")), next],
  "whose instructions come before a first answer": [Messages.system("Be kind."), Messages.assistant("Hello!"), hi],
  "with an answer of nothing": [hi, { role: "assistant", content: "", native: elsewhere }, next],
  "with an answer of nothing, written by hand": [hi, Messages.assistant(""), next],
  "with an answer of thoughts only": [hi, answer(thought), next],
  "with blank lines before a call": [hi, answer(text("\n\n"), call("a")), results(result("a")), next],
  "with the user's word right after results": [hi, answer(call("a")), results(result("a")), next],
  "with an instruction right after results": [
    hi,
    answer(call("a")),
    results(result("a")),
    Messages.system("Be brief."),
    next,
  ],
  "with a call that nobody answered": [
    hi,
    answer(text("Let me see."), call("a"), call("b")),
    results(result("b")),
    next,
  ],
  "with results one by one and out of order": [
    hi,
    answer(call("a"), call("b")),
    results(result("b")),
    results(result("a")),
    next,
  ],
  "with two answers in a row": [hi, answer(text("One.")), answer(text("Two."), call("a")), results(result("a")), next],
  "with two questions in a row": [hi, next, answer(text("Yes."))],
  "with one id twice": [hi, answer(call("a")), results(result("a")), answer(call("a")), results(result("a")), next],
  "with no ids": [hi, answer(call(""), call("", "clock")), results(result("", "1", "clock"), result("", "2")), next],
  "with ids of another grammar": [
    hi,
    answer(call("functions.weather:0"), call("x".repeat(80))),
    results(result("functions.weather:0"), result("x".repeat(80))),
    next,
  ],
  "with arguments of nothing": [
    hi,
    answer({ type: "tool_call", id: "a", name: "now", arguments: "" }),
    results(result("a", "12", "now")),
    next,
  ],
  "with a result of nothing": [hi, answer(call("a")), results(result("a", "")), next],
};

describe.each(Object.entries(conversations))("a conversation %s", (_, messages) => {
  test.each(lanes)("is taken by $name, and nothing of it is lost", async (lane) => {
    const body = await sentBody(lane, lane.models[0], messages, calledIn(messages));
    expect(broken(lane.name, body)).toEqual([]);
    const turns = turnsOf(lane.name, body);
    const said = turns.flatMap(({ texts }) => texts).join("\n");
    for (const { content } of messages) {
      const parts = typeof content === "string" ? [text(content)] : content;
      for (const part of parts) if (part.type === "text") expect(said).toContain(part.text.trim());
    }
    expect(turns.flatMap(({ calls }) => calls.map(({ name }) => name))).toEqual(
      messages.flatMap(({ content }) =>
        typeof content === "string" ? [] : content.flatMap((part) => (part.type === "tool_call" ? [part.name] : [])),
      ),
    );
    expect(JSON.stringify(body)).not.toContain("foreign");
  });
});

describe("what is said for a conversation's sake", () => {
  const sent = async (name: string, messages: readonly Message[]) => {
    const lane = lanes.find((one) => one.name === name) as Lane;
    return turnsOf(name, await sentBody(lane, lane.models[0], messages, calledIn(messages)));
  };

  test.each(["anthropic", "bedrock", "gemini", "vertex"])("a first word of the user's on %s", async (name) => {
    const [first, second] = await sent(name, [Messages.assistant("How can I help?"), hi]);
    expect(first).toMatchObject({ role: "user", texts: ["(The conversation begins here.)"] });
    expect(second).toMatchObject({ role: "assistant", texts: ["How can I help?"] });
  });

  test("a word of the assistant's between results and the user's next on mistral", async () => {
    const turns = await sent("mistral", [hi, answer(call("a")), results(result("a")), next]);
    expect(turns.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "user"]);
    expect(turns[3]?.texts).toEqual(["OK."]);
  });

  test.each(lanes)("nothing on $name where all is well", async ({ name }) => {
    const turns = await sent(name, [hi, answer(text("Yes.")), next]);
    expect(turns.map(({ role, texts }) => [role, ...texts])).toEqual([
      ["user", "Hi"],
      ["assistant", "Yes."],
      ["user", "And now?"],
    ]);
  });
});

const picture: Part = { type: "image", data: "iVBORw0KGgo=", mediaType: "image/png" };
const sound: Part = { type: "audio", data: "UklGRg==", mediaType: "audio/wav" };
const paper: Part = { type: "document", data: "JVBERi0=", mediaType: "application/pdf" };
const mark: Part = { type: "cache_control", cacheType: "ephemeral" };

/** The kinds of part a user's message cannot have, by provider. */
const refused: { readonly [name: string]: readonly Part["type"][] } = {
  openai: [],
  "openai-responses": ["audio"],
  anthropic: ["audio"],
  mistral: ["cache_control"],
  gemini: ["cache_control"],
  vertex: ["cache_control"],
  groq: ["audio", "document", "cache_control"],
  cohere: ["audio", "document", "cache_control"],
  litellm: [],
  azure: ["document", "cache_control"],
  bedrock: [],
  local: ["image", "audio", "document", "cache_control"],
};

describe.each(lanes)("parts on the way to $name", (lane) => {
  test.each([picture, sound, paper, mark])("$type arrives, or is refused by name before any request", async (part) => {
    const messages = [Messages.user([text("Look:"), part]), Messages.assistant("I see."), next];
    const send = () => sentBody(lane, lane.models[0], messages);
    if (refused[lane.name]?.includes(part.type)) {
      const error = await thrownBy(send);
      expect(error).toBeInstanceOf(UnsupportedError);
      expect(error).toMatchObject({ provider: lane.name, feature: part.type });
      expect((error as Error).message).toContain(part.type);
      return;
    }
    const body = JSON.stringify(await send());
    const shape = { image: "iVBORw0KGgo=", audio: "UklGRg==", document: "JVBERi0=" } as const;
    if (part.type in shape) expect(body).toContain(shape[part.type as keyof typeof shape]);
    else expect(body).toMatch(/cache/i);
  });
});
