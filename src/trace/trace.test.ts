import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { answer, serve as serveAnthropic } from "../../test/support/anthropic-server.ts";
import { completion, startChat, textChunks } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { ConfigError } from "../errors/errors.ts";
import { retry } from "../layers/retry.ts";
import { image } from "../message/media.ts";
import { Messages } from "../message/message.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import { trace } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "callscope-trace-"));
afterAll(() => rmSync(folder, { recursive: true }));

const say = (text: string) => text;
const key = "sk-proj-0123456789abcdef";

describe("a trace", () => {
  test("is added to its file in order, which its owner alone can read", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    const file = join(folder, "deep/er/trace.jsonl");
    const layer = trace(file);
    const call = openai.call("m", { client: server.client, layers: [layer] }, say);
    await Promise.all(Array.from({ length: 20 }, (_, index) => call(`hi ${index}`)));
    await layer.flush();
    await call("last");
    await layer.flush();
    const lines = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    // A line for the trace, and of each call two for it and two for its request.
    expect(lines).toHaveLength(1 + 21 * 4);
    const started = lines.filter(({ phase }) => phase === "start").map(({ id }) => id);
    expect(started).toEqual(started.toSorted((one: number, other: number) => one - other));
    expect(lines.at(-2)).toMatchObject({ type: "request", phase: "end", message: { content: "Dune" } });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("holds no header and nothing that looks like a key, in prompts, answers and errors", async () => {
    await using server = await startChat(completion({ content: `Your key is ${key}.` }));
    await using faulty = await serveAnthropic(fault.status(401, { error: { message: `Wrong key ${key}` } }));
    const lines: string[] = [];
    const layer = trace({ write: (line) => void lines.push(line) });
    const options = { headers: { "x-a": "hidden" } };
    await openai.call("m", { client: server.client, layers: [layer] }, say).with(options)(`My key is ${key}`);
    await thrownBy(() => anthropic.call("m", { client: faulty.client, layers: [layer] }, say)("hi"));
    await layer.flush();
    expect(lines.join()).toContain("Your key is [redacted].");
    expect(lines.join()).toContain('"kind":"authentication"');
    expect(lines.join()).not.toMatch(/sk-proj|hidden/);
  });

  test("leaves out what its owner says, by the path to it", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    const lines: string[] = [];
    const redact = (value: unknown, path: readonly (string | number)[]) =>
      path.includes("args") || path.at(-1) === "content" ? "[ours]" : value;
    const layer = trace({ write: (line) => void lines.push(line) }, { redact });
    await openai.call("m", { client: server.client, layers: [layer] }, say)("a secret plan");
    await layer.flush();
    expect(lines.join()).toContain("[ours]");
    expect(lines.join()).not.toMatch(/secret plan|Dune/);
  });

  test("tells files by their size", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    const lines: string[] = [];
    const layer = trace({ write: (line) => void lines.push(line) });
    const png =
      "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    await openai.call("m", { client: server.client, layers: [layer] }, () => [Messages.user([image(png)])])();
    await layer.flush();
    expect(lines.join()).toMatch(/"base64Characters":\d+/);
    expect(lines.join()).not.toContain("iVBOR");
  });

  test("tells each attempt and the cost of the whole call", async () => {
    await using served = await serveAnthropic(fault.inTurn(fault.retryAfter("0"), fault.status(200, answer())));
    const lines: string[] = [];
    const layer = trace({ write: (line) => void lines.push(line) });
    const layers = [layer, retry({ wait: async () => {} })];
    const response = await anthropic.call("claude-haiku-4-5", { client: served.client, layers }, say)("hi");
    await layer.flush();
    const told = lines.map((line) => JSON.parse(line));
    expect(told.filter(({ type, phase }) => type === "request" && phase === "start")).toMatchObject([
      { attempt: 1, parent: 1 },
      { attempt: 2, parent: 1 },
    ]);
    expect(told.at(-1)).toMatchObject({ type: "call", phase: "end", id: 1, cost: response.total.cost });
  });

  test("ends a stream that is left, without a price", async () => {
    await using server = await startChat(textChunks("Du", "ne"));
    const lines: string[] = [];
    const layer = trace({ write: (line) => void lines.push(line) });
    const call = openai.call("m", { client: server.client, layers: [layer], stream: true }, say);
    for await (const _ of call("hi")) break;
    await layer.flush();
    const end = JSON.parse(lines.at(-1) ?? "");
    expect(end).toMatchObject({ type: "request", phase: "end", left: true });
    expect(end).not.toHaveProperty("cost");
    expect(end).not.toHaveProperty("outputTokens");
  });

  test.each([
    [
      "a sink that throws",
      {
        write: () => {
          throw new Error("disk full");
        },
      },
      undefined,
    ],
    ["a sink that rejects", { write: () => Promise.reject(new Error("disk full")) }, undefined],
    ["a path that cannot be", join("/proc/self/status", "trace.jsonl"), undefined],
    [
      "a redact that throws",
      { write: () => {} },
      () => {
        throw new Error("mine");
      },
    ],
  ] as const)("is never felt by the call: %s", async (name, target, redact) => {
    await using server = await startChat(completion({ content: "Dune" }));
    const layer = trace(target, { redact });
    const response = await openai.call("m", { client: server.client, layers: [layer] }, say)("hi");
    expect(response.content).toBe("Dune");
    const failure = await thrownBy(() => layer.flush()).catch(() => undefined);
    if (name === "a redact that throws") expect(failure).toBeUndefined();
    else expect(failure).toBeInstanceOf(Error);
  });

  test.each([
    [[], "trace() writes to a path or to { write(line) }"],
    [[""], "trace() writes to a path or to { write(line) }"],
    [["x", { redacted: 1 }], 'trace() has no option "redacted"; it has redact.'],
    [["x", { redact: 1 }], "`redact` is a function"],
    [["x", null], "trace() takes an object of options"],
  ])("is refused where it makes no sense: %j", (args, message) => {
    const make = () => trace(...(args as unknown as Parameters<typeof trace>));
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });
});
