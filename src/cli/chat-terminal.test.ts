import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { chunk, startChat, textChunks, toolChunks } from "../../test/support/chat-server.ts";
import { sse } from "../../test/support/fault-server.ts";
import { type PseudoTerminal, startTerminal, terminalPresent } from "../../test/support/pseudo-terminal.ts";
import { command, workplace } from "../../test/support/run-command.ts";
import { startServer } from "../../test/support/server.ts";

const sentence = "There is no `script` of util-linux on this machine: apt-get install bsdutils.";
const everything = createRequire(import.meta.url).resolve("@modelcontextprotocol/server-everything/dist/index.js");

const model = "openai/gpt-4o-mini";
const [ctrlC, ctrlD] = ["\x03", "\x04"];

function startTyped(url: string, folder: string, ...args: readonly string[]): PseudoTerminal {
  const line = [process.execPath, command, "chat", model, ...args];
  return startTerminal(line, { cwd: folder, env: { OPENAI_BASE_URL: url } });
}

function messagesOf(body: unknown): readonly { readonly role: string; readonly content: unknown }[] {
  return (body as { readonly messages: ReturnType<typeof messagesOf> }).messages;
}

function turnsOf(body: unknown): unknown[] {
  return messagesOf(body).map(({ role, content }) => [role, content]);
}

describe.skipIf(!terminalPresent)(terminalPresent ? "a chat that is typed" : sentence, { timeout: 60_000 }, () => {
  test("has turns of one conversation, with what they cost in the prompt, and ends with Ctrl-D", async () => {
    await using server = await startChat(textChunks("Du", "ne"), textChunks("Em\x1b[2Jma"));
    using place = workplace();
    await using terminal = startTyped(server.url, place.folder, "--history", "talk.json");
    await terminal.shows("$0 > ");
    terminal.type("A book?\r");
    await terminal.shows("Dune");
    await terminal.shows("$0.0000045 > ");
    terminal.type("Another,\\\r");
    await terminal.shows("… ");
    terminal.type("please?\r");
    // What a model says does not control the terminal.
    await terminal.shows("Em␛[2Jma");
    await terminal.shows("$0.000009 > ");
    terminal.type("/cost\r");
    await terminal.shows("$0.000009\r\n");
    await terminal.shows("$0.000009 > ");
    terminal.type(ctrlD);
    expect(await terminal.ended).toBe(0);
    expect(server.bodies.map(turnsOf)).toEqual([
      [["user", "A book?"]],
      [
        ["user", "A book?"],
        ["assistant", "Dune"],
        ["user", "Another,\nplease?"],
      ],
    ]);
    expect(server.bodies[0]).toEqual({
      model: "gpt-4o-mini",
      messages: [{ role: "user", content: "A book?" }],
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(place.read("talk.json")).toContain("please?");
  });

  test("asks before a tool runs, and tells the model that it was not let", async () => {
    await using server = await startChat(
      toolChunks("echo", "call_1", ['{"message":"one"}']),
      textChunks("I was not let."),
      toolChunks("echo", "call_2", ['{"message":"two"}']),
      textChunks("It said two."),
    );
    using place = workplace();
    const mcp = `"${process.execPath}" "${everything}" stdio`;
    await using terminal = startTyped(server.url, place.folder, "--mcp", mcp);
    await terminal.shows("$0 > ");
    terminal.type("Echo one\r");
    await terminal.shows('→ echo {"message":"one"}');
    await terminal.shows("Run it? [y]es, [n]o, [a]lways: ");
    terminal.type("n\r");
    await terminal.shows("I was not let.");
    await terminal.shows("$0.000009 > ");
    expect(JSON.stringify(server.bodies[1])).not.toContain("Echo: one");
    expect(messagesOf(server.bodies[1]).at(-1)).toMatchObject({ role: "tool", tool_call_id: "call_1" });
    terminal.type("Echo two\r");
    await terminal.shows("Run it? [y]es, [n]o, [a]lways: ");
    terminal.type("y\r");
    await terminal.shows("← echo: Echo: two");
    await terminal.shows("It said two.");
    await terminal.shows(" > ");
    expect(messagesOf(server.bodies[3]).at(-1)).toMatchObject({ role: "tool", content: "Echo: two" });
    terminal.type("/exit\r");
    expect(await terminal.ended).toBe(0);
  });

  test("Ctrl-C leaves an answer and not the chat, and without one the chat", async () => {
    await using server = await startServer(async (answer) => {
      answer.head(200, { "content-type": "text/event-stream" });
      if (answer.index === 0) await answer.write(sse(chunk({ content: "Once upon" })).join(""));
      else {
        await answer.write(sse(...textChunks("Short."), "[DONE]").join(""));
        answer.end();
      }
    });
    using place = workplace();
    await using terminal = startTyped(server.url, place.folder);
    await terminal.shows("$0 > ");
    terminal.type("A story?\r");
    await terminal.shows("Once upon");
    terminal.type(ctrlC);
    await terminal.shows("Left: the turn is not kept.");
    await server.clientClosed;
    await terminal.shows(" > ");
    terminal.type("A short one?\r");
    await terminal.shows("Short.");
    await terminal.shows(" > ");
    expect(server.requests.map(({ body }) => turnsOf(body))).toEqual([
      [["user", "A story?"]],
      [["user", "A short one?"]],
    ]);
    terminal.type(ctrlC);
    expect(await terminal.ended).toBe(130);
  });
});
