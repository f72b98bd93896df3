import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { streamEvents } from "./fault-server.ts";
import { guardProcess } from "./process-guards.ts";
import {
  describeRecordings,
  type Exchange,
  type RecordedProvider,
  recordings,
  recordingsPresent,
} from "./recordings.ts";

const root = resolve(import.meta.dirname, "../..");

/** Runs Node on these arguments in the project's root, and gives what it printed, colours removed. */
async function runNode(args: string[], env: Record<string, string> = {}): Promise<{ code: number; output: string }> {
  const { CI: _, ...inherited } = process.env;
  const options = { cwd: root, env: { ...inherited, NO_COLOR: "1", ...env } };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options);
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

const providers: readonly RecordedProvider[] = [
  "anthropic",
  "azure",
  "azure-openai",
  "bedrock",
  "bedrock-invoke",
  "cohere",
  "gemini",
  "groq",
  "litellm",
  "mistral",
  "openai",
  "openai-compatible",
  "openai-responses",
  "vertex",
];

describe("recordings", () => {
  test.skipIf(!recordingsPresent)("all are found, and streams come apart into their events", () => {
    const all = providers.flatMap((provider) => recordings(provider));
    expect(all).toHaveLength(291);
    const exchanges = all.flatMap((recording) => recording.exchanges);
    expect(exchanges).toHaveLength(397);
    expect(exchanges.reduce((count, exchange) => count + countEvents(exchange), 0)).toBeGreaterThan(1_000);
  });

  test.skipIf(!recordingsPresent)("the filter chooses, and nobody shares the objects", () => {
    const [first] = recordings("groq", ({ scenario }) => scenario.includes("stream-error"));
    expect(first?.provider).toBe("groq");
    const [again] = recordings("groq", ({ id }) => id === first?.id);
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });

  // The test below runs this file once more, and only this describe, without recordings.
  describeRecordings("litellm", ({ exchanges }) => {
    test("has exchanges", () => expect(exchanges.length).toBeGreaterThan(0));
  });

  test.each([
    { where: "on a clone", env: { CALLSCOPE_RECORDINGS: "absent" }, code: 0, output: /↓.* There are no recordings at/ },
    {
      where: "in CI",
      env: { CALLSCOPE_RECORDINGS: "absent", CI: "1" },
      code: 1,
      output: /×.* There are no recordings at/,
    },
  ])("their absence $where gives exit code $code", async ({ env, code, output }) => {
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const args = [vitest, "run", "test/support/support.test.ts", "--reporter=verbose", "-t", "recordings of litellm"];
    const result = await runNode(args, env);
    expect(result.output).toMatch(output);
    expect(result.code).toBe(code);
  });
});

/** The number of events, after checking that not a byte is lost. */
function countEvents({ response }: Exchange): number {
  if ("body" in response) return 0;
  const events = streamEvents(response);
  const bytes = Buffer.concat(events.map((event) => Buffer.from(event)));
  expect(bytes.toString("base64" in response ? "base64" : "utf8")).toBe(
    "base64" in response ? response.base64 : response.text,
  );
  return events.length;
}

describe("guardProcess", () => {
  /** What the guard says after this code ran between start and release, in a process of its own. */
  async function guarded(code: string): Promise<string> {
    const script = `
      import { guardProcess } from "./test/support/process-guards.ts";
      const guard = guardProcess();
      ${code}
      const complaint = await guard.release().then(() => "none", (error) => error.message);
      process.stdout.write("<" + complaint + ">");
    `;
    const { output } = await runNode(["--input-type=module", "--eval", script]);
    return /<(.*)>/s.exec(output)?.[1] ?? output;
  }

  test.each([
    ["nothing", "await fetch;", "none"],
    ["a rejection", 'Promise.reject(new RangeError("lost"));', "RangeError: lost"],
    ["a warning", 'process.emitWarning("odd", "OddWarning");', "OddWarning: odd"],
    ["a prototype", "Object.prototype.polluted = 1;", "Object.prototype.polluted was changed."],
    ["a built-in", "Array.prototype.at = () => 0;", "Array.prototype.at was changed."],
    ["fetch", "globalThis.fetch = async () => {};", "globalThis.fetch was changed."],
    ["the environment", 'process.env.SECRET = "hidden";', "process.env.SECRET was changed."],
  ])("sees %s", async (_, code, complaint) => {
    const output = await guarded(code);
    expect(output).toContain(complaint);
    expect(output).not.toContain("hidden");
  });

  test("sees the console of an SDK, not that of a test, and puts it back", async () => {
    const silent = vi.spyOn(console, "error").mockImplementation(() => {});
    const original = console.error;
    const guard = guardProcess();
    console.error("from a test");
    expect(guard.problems).toEqual([]);
    const { OpenAI } = await import("openai");
    const fetch = async () => new Response("data: {\n\n", { headers: { "content-type": "text/event-stream" } });
    const client = new OpenAI({ apiKey: "none", fetch });
    const stream = await client.chat.completions.create({ model: "m", messages: [], stream: true });
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toThrow(SyntaxError);
    await expect(guard.release()).rejects.toThrow(/console\.error was called by at .*node_modules\/openai/);
    expect(console.error).toBe(original);
    expect(silent).toHaveBeenCalled();
    silent.mockRestore();
  });
});
