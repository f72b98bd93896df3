import { describe, expect, test } from "vitest";
import { completion, startChat } from "../../test/support/chat-server.ts";
import { promptTemplate } from "../prepare/prompt.ts";
import { openai } from "../providers/openai/index.ts";

const answer = (content: string) => completion({ content });

// checklist: 144
describe("calls in a chain", () => {
  test("pass a result on by plain code", async () => {
    await using server = await startChat(answer("Frank Herbert"), answer("Dune"));
    const { client } = server;
    const author = openai.call("m", { client }, (genre: string) => `Name an author of ${genre}`);
    const book = openai.call("m", { client }, (name: string) => `Name a book by ${name}`);
    expect((await book((await author("science fiction")).content)).content).toBe("Dune");
    expect(server.bodies[1]?.messages).toEqual([{ role: "user", content: "Name a book by Frank Herbert" }]);
  });

  // checklist: 31
  test("nest in a prompt function, the inner response reachable as a computed field", async () => {
    await using server = await startChat(answer("Frank Herbert"), answer("Dune"));
    const { client } = server;
    const author = openai.call("m", { client }, (genre: string) => `Name an author of ${genre}`);
    const book = openai.call("m", { client })(
      promptTemplate("Name a {genre} book by {author}", async ({ genre }: { genre: string }) => {
        const inner = await author(genre);
        return { computedFields: { author: inner.content, inner } };
      }),
    );
    const args = Object.freeze({ genre: "science fiction" });
    const response = await book(args);
    expect(server.bodies[1]?.messages).toEqual([
      { role: "user", content: "Name a science fiction book by Frank Herbert" },
    ]);
    const inner = response.dynamicConfig?.computedFields?.inner as openai.CallResponse;
    expect(inner.content).toBe("Frank Herbert");
    expect(inner.inputTokens).toBe(10);
    expect(response.fnArgs).toEqual([args]);
  });

  // checklist: 77, 91
  test("go on with a turn of their own, native or neutral", async () => {
    await using server = await startChat(answer("Dune"), answer("1965"), answer("1965"));
    const { client } = server;
    const first = await openai.call("m", { client }, () => "Name a book")();
    const next = openai.call("m", { client }, (turn: openai.CallResponse["messageParam"] | typeof first.message) => [
      ...first.messages,
      turn,
      { role: "user" as const, content: "Which year?" },
    ]);
    await next(first.messageParam);
    await next(JSON.parse(JSON.stringify(first.message)));
    expect(server.bodies[1]).toEqual(server.bodies[2]);
    expect(server.bodies[1]?.messages).toEqual([
      { role: "user", content: "Name a book" },
      { role: "assistant", content: "Dune" },
      { role: "user", content: "Which year?" },
    ]);
  });
});
