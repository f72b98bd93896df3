import { expect, test } from "vitest";
import * as z from "zod";
import { completion, startChat } from "../../test/support/chat-server.ts";
import { ConfigError, mergeWrappers, type PromptReturn, withMetadata } from "../index.ts";
import { openai } from "../providers/openai/index.ts";

/** A wrapper that notes when what it stands around begins and ends. */
const noting =
  (name: string, seen: string[]) =>
  <Args extends unknown[], Value>(call: (...args: Args) => PromiseLike<Value>) =>
  async (...args: Args): Promise<Value> => {
    seen.push(`${name} begins`);
    const value = await call(...args);
    seen.push(`${name} ends`);
    return value;
  };

// checklist: 34
test("the first of two wrappers is the outermost, and their call keeps its arguments and its value", async () => {
  await using chat = await startChat(completion({ content: '{"title":"Dune"}' }));
  const seen: string[] = [];
  const responseModel = z.object({ title: z.string() });
  const inner = mergeWrappers(
    noting("inner", seen),
    openai.call("m", { client: chat.client, responseModel, jsonMode: true }),
  );
  const recommend = mergeWrappers(noting("outer", seen), inner)((genre: string) => `Recommend a ${genre} book`);
  expect((await recommend("fantasy")).title).toBe("Dune");
  expect(seen).toEqual(["outer begins", "inner begins", "inner ends", "outer ends"]);
  expect(chat.bodies).toMatchObject([{ model: "m", response_format: { type: "json_object" } }]);
  expect(JSON.stringify(chat.bodies[0]?.messages)).toContain("Recommend a fantasy book");
});

test("a wrapper of prompts stands inside the call, which is one still", async () => {
  await using chat = await startChat(completion({ content: "Dune" }));
  const tagged = <Args extends unknown[], Return extends PromptReturn | Promise<PromptReturn>>(
    write: (...args: Args) => Return,
  ) => withMetadata({ version: 2 }, write);
  const bind = mergeWrappers(openai.call("m", { client: chat.client }), tagged);
  const recommend = bind((genre: string) => `Recommend a ${genre} book`).with({ callParams: { temperature: 0 } });
  const { content, metadata } = await recommend("fantasy");
  expect([content, metadata]).toEqual(["Dune", { version: 2 }]);
  expect(chat.bodies).toEqual([
    { model: "m", messages: [{ role: "user", content: "Recommend a fantasy book" }], temperature: 0 },
  ]);
});

test("an error passes through both as it is", async () => {
  await using chat = await startChat(completion({ content: "Dune" }));
  const own = new Error("mine");
  const failing = (): string => {
    throw own;
  };
  const call = mergeWrappers(noting("outer", []), openai.call("m", { client: chat.client }))(failing);
  await expect(call()).rejects.toBe(own);
  expect(chat.requests).toHaveLength(0);
});

test.each<[unknown, unknown, string]>([
  [undefined, (x: unknown) => x, "undefined"],
  [(x: unknown) => x, "gpt", "a string"],
  [(x: unknown) => x, undefined, "undefined"],
])("what is no function is told at once: %#", (outer, inner, given) => {
  const merge = () => mergeWrappers(outer as never, inner as never);
  expect(merge).toThrow(ConfigError);
  expect(merge).toThrow(`takes two functions, each of which wraps a prompt or a call; it was given ${given}.`);
});
