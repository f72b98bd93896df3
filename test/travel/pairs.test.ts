import { beforeAll, describe, expect, test } from "vitest";
import { thinkingAsText } from "../../src/contract/conversation.ts";
import type { Message } from "../../src/message/parts.ts";
import { recordingsPresent } from "../support/recordings.ts";
import { learn, unseenIn } from "./accepted.ts";
import { ask, type Begun, begin, calledIn, sentBody } from "./begin.ts";
import { type Lane, lanes } from "./lanes.ts";
import { broken } from "./rules.ts";
import { type Turn, turnsOf } from "./wire.ts";

// Every provider to every provider: a conversation that began on the one, with its own recorded answers, is sent to the
// other through its real SDK, and what arrives is held against what the other's recordings show to be accepted.

const sentence = "There are no recordings at ../shared/recordings or CALLSCOPE_RECORDINGS to travel with.";
if (!recordingsPresent) {
  // In CI an absent judge must not look like a pass.
  test.skipIf(!process.env.CI)(sentence, () => expect.fail(sentence));
}

/** Two names of one wire: a turn of the one is the other's own. */
const google: readonly string[] = ["gemini", "vertex"];
const isOwn = (from: Lane, to: Lane) => from === to || (google.includes(from.name) && google.includes(to.name));

const partsOf = ({ content }: Message) => (typeof content === "string" ? [] : content);
const callsIn = (messages: readonly Message[]) =>
  messages.flatMap((message) => partsOf(message).filter((part) => part.type === "tool_call"));
const thoughtsIn = (messages: readonly Message[]) =>
  messages.flatMap((message) => partsOf(message).flatMap((part) => (part.type === "thinking" ? [part] : [])));

/** What the conversation says, in the order it is said: what must arrive. */
function meant(messages: readonly Message[]): unknown[] {
  return messages.flatMap((message, index) => {
    const { role, content } = message;
    if (typeof content === "string") return [[role, content]];
    const text = content.map((part) => (part.type === "text" ? part.text : "")).join("");
    const calls = content.flatMap((part) =>
      part.type === "tool_call" ? [["call", part.name, JSON.parse(part.arguments || "{}")]] : [],
    );
    const results = content.flatMap((part) => (part.type === "tool_result" ? [["result", part.content]] : []));
    const orphans = calls.length > 0 && messages[index + 1]?.role !== "tool" ? calls : [];
    const closing = orphans.map(() => ["result", "The tool was not run: there is no result."]);
    return [...(text.trim() === "" ? [] : [[role, text]]), ...calls, ...results, ...closing];
  });
}

/** What did arrive. */
function arrived(turns: readonly Turn[]): unknown[] {
  return turns.flatMap(({ role, texts, calls, results }) => {
    const text = texts.join("");
    return [
      ...(text.trim() === "" ? [] : [[role, text]]),
      ...calls.map(({ name, args }) => ["call", name, args]),
      ...results.map((result) => ["result", result.text]),
    ];
  });
}

/** What one provider needs between two turns that all others take side by side; see its own tests. */
const bridge = (entry: unknown) => !(Array.isArray(entry) && entry[0] === "assistant" && entry[1] === "OK.");

/** Proofs and ciphers in native turns: no other provider may ever see one. */
function secretsIn(value: unknown, key = ""): string[] {
  if (typeof value === "string") return /signature|encrypted|redacted|^data$/i.test(key) && value !== "" ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([inner, item]) => secretsIn(item, Array.isArray(value) ? key : inner));
}

for (const stream of recordingsPresent ? [false, true] : []) {
  describe.each(lanes)(`begun on $name, ${stream ? "streamed" : "whole"}`, (from) => {
    let begun: Begun;
    beforeAll(async () => {
      begun = await begin(from, stream);
    });

    test("has all that must travel", () => {
      expect(calledIn(begun.messages).length).toBeGreaterThan(0);
      expect(callsIn(begun.messages).length).toBeGreaterThanOrEqual(3);
      expect(begun.messages.map(({ role }) => role).join()).toBe(
        "system,user,assistant,tool,assistant,user,assistant,user",
      );
    });

    test.each(lanes)("goes on on $name", async (to) => {
      const { messages } = begun;
      const body = await sentBody(to, to.models[0], messages, calledIn(messages));
      const turns = turnsOf(to.name, body);
      const own = new Set(isOwn(from, to) ? callsIn(messages).map(({ id }) => id) : []);
      // Where there is no wire there is nothing to be refused by.
      if (to.client !== undefined) expect(unseenIn(body, to, learned(to))).toEqual([]);
      expect(broken(to.name, body, own)).toEqual([]);
      expect(arrived(turns).filter(bridge)).toEqual(meant(messages));
      if (isOwn(from, to)) return;
      const text = JSON.stringify(body);
      for (const secret of secretsIn(begun.own)) expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
      for (const { text: thought } of thoughtsIn(messages)) expect(text).not.toContain(JSON.stringify(thought));
    });

    test.each(lanes.filter((to) => !isOwn(from, to)))(
      "takes its thoughts along to $name where that is chosen",
      async (to) => {
        const spoken = thinkingAsText(begun.messages);
        const body = await sentBody(to, to.models[0], spoken, calledIn(spoken));
        const turns = turnsOf(to.name, body);
        expect(broken(to.name, body)).toEqual([]);
        const texts = turns.flatMap((turn) => turn.texts).join("");
        for (const { text } of thoughtsIn(begun.messages)) expect(texts).toContain(`<thinking>${text}</thinking>`);
        expect(arrived(turns).filter(bridge)).toEqual(meant(spoken));
      },
    );

    test.each(from.models)("goes back to itself, to %s, byte for byte", async (model) => {
      const { messages, own } = begun;
      const { request, changes } = await ask(`${from.name}/${model}`, {}, () => [...messages]).prepare();
      const text = JSON.stringify(request);
      // A turn of several items stands in the input as its items.
      for (const turn of own) {
        const { output } = turn as { output?: object[] };
        for (const piece of output ?? [turn]) expect(text).toContain(JSON.stringify(signedOnly(piece)));
      }
      expect(
        changes.filter(
          (change) => !/^(Tool calls without a result|Thoughts without|Tools that were called)/.test(change),
        ),
      ).toEqual([]);
    });
  });
}

/** Without what Bedrock takes of no model: a thought that nothing proves to be the model's own. */
function signedOnly(piece: object): object {
  const { content } = piece as {
    content?: readonly { reasoningContent?: { reasoningText?: { signature?: string } } }[];
  };
  if (!Array.isArray(content)) return piece;
  return {
    ...piece,
    content: content.filter(
      ({ reasoningContent }) =>
        reasoningContent?.reasoningText?.signature !== undefined || reasoningContent === undefined,
    ),
  };
}

const known = new Map<Lane, ReadonlySet<string>>();
function learned(lane: Lane): ReadonlySet<string> {
  const places = known.get(lane) ?? learn(lane);
  known.set(lane, places);
  return places;
}
