import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { completion, startChat, textChunks, toolCall } from "../../test/support/chat-server.ts";
import { imports, workplace } from "../../test/support/run-command.ts";
import { startServer } from "../../test/support/server.ts";

const books = `${imports}
import { toolLoop } from ${JSON.stringify(new URL("../index.ts", import.meta.url).href)};
export const recommend = openai.call("gpt-4o-mini", (genre: string, count = 1) => "Recommend " + count + " " + genre);
export const streamed = openai.call("gpt-4o-mini", { stream: true }, (genre: string) => "Recommend " + genre);
export const book = openai.call("gpt-4o-mini", { responseModel: z.object({ title: z.string() }), jsonMode: true }, () => "A book");
const now = tool({ name: "now", call: () => "noon" });
export const ask = toolLoop(openai.call("gpt-4o-mini", { tools: [now] }, () => "What time is it?"));
export const notACall = 1;
`;

describe("callscope run", () => {
  test("calls with the arguments, and prints the answer alone", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    using place = workplace({ "books.ts": books });
    const env = { OPENAI_BASE_URL: server.url };
    const ran = await place.runWith({ env }, "run", "books.ts#recommend", "--args", '["fantasy", 2]');
    expect(ran).toEqual({ code: 0, output: "Dune\n", errors: "" });
    expect(server.bodies).toEqual([
      { model: "gpt-4o-mini", messages: [{ role: "user", content: "Recommend 2 fantasy" }] },
    ]);
    const one = await place.runWith({ env, input: '"crime"' }, "run", "books.ts#recommend", "--args", "-", "--json");
    expect(JSON.parse(one.output)).toEqual({
      value: "Dune",
      provider: "openai",
      model: "gpt-4o-mini",
      stopReason: "stop",
      inputTokens: 10,
      outputTokens: 5,
      cost: 0.0000045,
      requests: 1,
    });
    expect(server.bodies[1]).toMatchObject({ messages: [{ role: "user", content: "Recommend 1 crime" }] });
  });

  test("prints a stream, a value and the end of a loop", { timeout: 60_000 }, async () => {
    await using server = await startChat(
      textChunks("Du", "ne"),
      completion({ content: '{"title":"Emma"}' }),
      completion({ tool_calls: [toolCall("now", {})] }),
      completion({ content: "It is noon." }),
    );
    using place = workplace({ "books.ts": books });
    const env = { OPENAI_BASE_URL: server.url };
    expect(await place.runWith({ env }, "run", "books.ts#streamed", "--args", '"fantasy"')).toEqual({
      code: 0,
      output: "Dune\n",
      errors: "",
    });
    expect((await place.runWith({ env }, "run", "books.ts#book")).output).toBe('{\n  "title": "Emma"\n}\n');
    const loop = JSON.parse((await place.runWith({ env }, "run", "books.ts#ask", "--json")).output);
    expect(loop).toMatchObject({ value: "It is noon.", status: "done", requests: 2, cost: 0.000009 });
  });

  test("writes a trace, and holds a budget", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    using place = workplace({ "books.ts": books });
    const env = { OPENAI_BASE_URL: server.url };
    await place.runWith({ env }, "run", "books.ts#recommend", "--args", '"x"', "--trace", "deep/traces.jsonl");
    const lines = readFileSync(join(place.folder, "deep/traces.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(["trace", "call", "request", "request", "call"]);
    const over = ["run", "books.ts#recommend", "--args", '"x"', "--usd", "0.000000001"];
    const { code, output, errors } = await place.runWith({ env }, ...over);
    expect({ code, output }).toEqual({ code: 4, output: "" });
    expect(errors).toMatch(/^callscope: .*unbounded|limit|budget/i);
    expect(server.bodies).toHaveLength(1);
  });

  test("a call that fails gives the code 3 and what the provider said, without a key in it", async () => {
    const body = { error: { message: "Incorrect API key provided: sk-never-shown.", type: "invalid_request_error" } };
    await using server = await startServer((answer) => {
      answer.send(401, { "content-type": "application/json" }, JSON.stringify(body));
    });
    using place = workplace({ "books.ts": books });
    const env = { OPENAI_BASE_URL: server.url };
    const { code, output, errors } = await place.runWith({ env }, "run", "books.ts#recommend", "--args", '"x"');
    expect({ code, output }).toEqual({ code: 3, output: "" });
    expect(errors).toMatch(
      /^callscope: The call failed \(authentication, 401\): .*Incorrect API key provided: \[redacted\]/,
    );
  });

  test("Ctrl-C ends it with the code 130", async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    await using server = await startServer(() => ask());
    using place = workplace({ "books.ts": books });
    const env = { OPENAI_BASE_URL: server.url };
    const started = (child: import("node:child_process").ChildProcess) => void asked.then(() => child.kill("SIGINT"));
    const ran = await place.runWith({ env, started }, "run", "books.ts#recommend", "--args", '"x"');
    expect(ran).toEqual({ code: 130, output: "", errors: "callscope: Interrupted.\n" });
  });

  test.each([
    [["run"], "Name a call: callscope run books.ts#recommend"],
    [["run", "no.ts#x"], "There is no module no.ts."],
    [["run", "books.ts"], "Which of ask, book, recommend, streamed? books.ts#ask."],
    [["run", "books.ts#notACall"], "notACall of books.ts is no call of callscope."],
    [["run", "books.ts#toString"], "books.ts has no export toString; its calls are ask, book, recommend, streamed."],
    [["run", "books.ts#recommend", "--args", "fantasy"], "--args takes JSON"],
    [["run", "books.ts#recommend", "fantasy"], "Arguments of the call are given as JSON"],
    [["run", "books.ts#recommend", "--usd", "cheap"], "--usd takes US dollars"],
  ])("misused, says so with code 2: %j", async (args, sentence) => {
    using place = workplace({ "books.ts": books });
    const { code, output, errors } = await place.run(...args);
    expect({ code, output }).toEqual({ code: 2, output: "" });
    expect(errors).toContain(sentence);
  });
});
