import { describe, expect, test } from "vitest";
import { startChat, textChunks, toolChunks } from "../../test/support/chat-server.ts";
import { workplace } from "../../test/support/run-command.ts";

const model = "openai/gpt-4o-mini";

describe("callscope chat", { timeout: 60_000 }, () => {
  test("has turns of one conversation, a line each, and keeps it", async () => {
    await using server = await startChat(textChunks("Du", "ne"), textChunks("Emma"), textChunks("Ulysses"));
    using place = workplace();
    const env = { OPENAI_BASE_URL: server.url };
    const kept = ["chat", model, "--history", "talk.json", "--system", "Be short."];
    const lines = await place.runWith({ env, input: "A book?\n\nAnother?\n" }, ...kept, "--lines");
    expect(lines).toEqual({ code: 0, output: "Dune\nEmma\n", errors: "" });
    const one = await place.runWith({ env }, ...kept, "And", "a third?", "--json");
    expect(JSON.parse(one.output)).toEqual({
      content: "Ulysses",
      model,
      stopReason: "stop",
      inputTokens: 10,
      outputTokens: 5,
      cost: 0.0000045,
      requests: 1,
    });
    const turns = (server.bodies.at(-1)?.messages ?? []) as { role: string; content: unknown }[];
    expect(turns.map(({ role, content }) => [role, content])).toEqual([
      ["system", "Be short."],
      ["user", "A book?"],
      ["assistant", "Dune"],
      ["user", "Another?"],
      ["assistant", "Emma"],
      ["user", "And a third?"],
    ]);
  });

  test("lets the tools of an MCP server run", async () => {
    await using server = await startChat(
      toolChunks("echo", "call_1", ['{"message":', '"hello"}']),
      textChunks("It said hello."),
    );
    using place = workplace();
    const program = new URL(
      "../../node_modules/@modelcontextprotocol/server-everything/dist/index.js",
      import.meta.url,
    );
    const mcp = `"${process.execPath}" "${program.pathname}" stdio`;
    const args = ["chat", model, "Echo hello", "--mcp", mcp, "--yes"];
    const { code, output, errors } = await place.runWith({ env: { OPENAI_BASE_URL: server.url } }, ...args);
    expect({ code, output, errors }).toEqual({ code: 0, output: "It said hello.\n", errors: "" });
    expect(JSON.stringify(server.bodies[1]?.messages)).toContain("Echo: hello");
  });

  test.each([
    [["chat"], 2, "Name a model"],
    [["chat", "gpt-4o"], 2, "A model is named provider/model"],
    [["chat", model], 2, "There is no message"],
    [["chat", model, "x", "--mcp", "y"], 2, "--yes lets all of them run"],
    [["chat", model, "x", "--mcp", "no-such-program", "--yes"], 2, "The server no-such-program cannot be used"],
    [["chat", model, "x", "--max-tokens", "few"], 2, "--max-tokens takes a whole number"],
  ])("misused, says so: %j", async (args, code, sentence) => {
    using place = workplace();
    const ran = await place.run(...args);
    expect(ran).toMatchObject({ code, output: "", errors: expect.stringContaining(sentence) });
  });
});
