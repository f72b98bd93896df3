import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { guideSections } from "../scripts/example-guide-sections.ts";
import { answersOf, missingModel } from "./support/example-answers.ts";
import { answerWithSound, spoken } from "./support/example-sound.ts";
import { topicAnswers } from "./support/example-topics.ts";
import { type RecordedProvider, recordingsPresent } from "./support/recordings.ts";
import { redisPresent, startRedis } from "./support/redis-server.ts";
import { startServer } from "./support/server.ts";

// Every example of a call, run as a user runs it: a program of its own, its provider's variables in the environment.
const root = resolve(import.meta.dirname, "..");
const calls = join(root, "examples/calls");
const preload = join(import.meta.dirname, "support/redirect.ts");
const runner = join(import.meta.dirname, "support/run-examples.ts");

interface Lane {
  readonly recorded: RecordedProvider;
  /** What the SDK is told by the environment. */
  environment(url: string): Readonly<Record<string, string>>;
}

const lanes: Readonly<Record<string, Lane>> = {
  openai: { recorded: "openai", environment: (url) => ({ OPENAI_API_KEY: "key", OPENAI_BASE_URL: `${url}/v1` }) },
  anthropic: {
    recorded: "anthropic",
    environment: (url) => ({ ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: url }),
  },
  mistral: { recorded: "mistral", environment: () => ({ MISTRAL_API_KEY: "key" }) },
  gemini: { recorded: "gemini", environment: (url) => ({ GEMINI_API_KEY: "key", GOOGLE_GEMINI_BASE_URL: url }) },
  vertex: { recorded: "vertex", environment: (url) => ({ GOOGLE_API_KEY: "key", GOOGLE_VERTEX_BASE_URL: url }) },
  groq: { recorded: "groq", environment: (url) => ({ GROQ_API_KEY: "key", GROQ_BASE_URL: url }) },
  cohere: { recorded: "cohere", environment: () => ({ CO_API_KEY: "key" }) },
  litellm: { recorded: "litellm", environment: (url) => ({ LITELLM_API_KEY: "key", LITELLM_BASE_URL: url }) },
  azure: {
    recorded: "azure-openai",
    environment: (url) => ({ AZURE_OPENAI_API_KEY: "key", AZURE_OPENAI_ENDPOINT: url }),
  },
  bedrock: {
    recorded: "bedrock",
    environment: (url) => ({
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "key",
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: url,
    }),
  },
};

/** Runs examples in a process of their own and gives what each printed, by its section. */
async function run(files: readonly string[], environment: Readonly<Record<string, string>>, preloads: string[] = []) {
  const { PATH = "", HOME = "", CALLSCOPE_MODEL, CALLSCOPE_CACHE, XDG_CACHE_HOME } = process.env;
  const own = { CALLSCOPE_MODEL, CALLSCOPE_CACHE, XDG_CACHE_HOME };
  const kept = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const { stdout } = await promisify(execFile)(process.execPath, [...preloads, runner, ...files], {
    cwd: root,
    env: { PATH, HOME, ...kept, ...environment },
    timeout: 120_000,
  });
  const printed = stdout.split(/^== (.*)$/m).slice(1);
  return new Map(files.map((file) => [file, printed[printed.indexOf(file) + 1]?.trim() ?? ""]));
}

/** Stands for the recorded text. */
const recorded = Symbol("recorded text");

/** The examples by topic, and what each must print. */
const topics: Readonly<Record<string, readonly (string | RegExp | typeof recorded)[]>> = {
  "first.ts": [recorded],
  "quickstart.ts": ["Mistborn", "cost   $0."],
  "prompts/templates.ts": ["9.50 dollars", "Dune", "Le Guin", "Recommend a fantasy book", "Answer in one line."],
  "prompts/values.ts": [
    "SYSTEM: You are a librarian.\nUSER: Recommend a fantasy book",
    '"fnArgs":[{"genre":"fantasy"}],"metadata":{"version":3}',
    recorded,
    "{ version: 3 }",
  ],
  "prompts/shared.ts": ["max_tokens: 512", recorded],
  "streams/text.ts": ["Mistborn", "tokens, $0.", "[ 'stop' ]"],
  "streams/broken.ts": ["enough", "estimated: true"],
  "tools/tools.ts": ["get_book_info 0-7653-1178-X", "544", "so far {", "whole { isbn: '0-7653-1178-X' }"],
  "tools/pictures.ts": ["Shelf 3: 2 pieces", "Claude"],
  "tools/toolkit.ts": ["Mistborn: The Final Empire (0-7653-1178-X)", "[ '0-7653-1178-X' ]"],
  "tools/kit.ts": [
    "Mistborn",
    "refused The host",
    "http_request",
    '5 bytes are in "done/2026.md" now.',
    "books.md file 37\ndone directory",
    "books.md:2: Mistborn: The Final Empire",
    "leads out of the directory",
    /^42$|there is none here/m,
  ],
  "tools/search.ts": ["no search was needed", "Brandon Sanderson\nhttps://example.org/sanderson\nWrote Mistborn."],
  "mcp/client.ts": ["Mistborn", "files_read_text_file", "# To read", recorded],
  "mcp/http.ts": [
    '2025-11-25 {"isbn":"0-7653-1178-X"',
    '2026-07-28 {"isbn":"0-7653-1178-X"',
    recorded,
    "Compare Dune with Emma.",
    "[ 'find_book', 'recommend_books' ]",
  ],
  "tool-loop/loop.ts": ["Brandon Sanderson", "calls get_book_info", "done"],
  "tool-loop/approval.ts": ["awaiting_approval", "done {", "its tools must not run twice"],
  "structured/book.ts": ["Mistborn: The Final Empire 545", "MISTBORN"],
  "structured/stream.ts": ["Mistborn", "544 0."],
  "structured/elements.ts": ["Dune\nEmma"],
  "travel/conversation.ts": [recorded],
  "root-call/choose.ts": ["openai", recorded, "maxOutputTokens: 512", "anthropic"],
  "errors/errors.ts": ["404", "kind: 'not_found'", "unsupported", "groq"],
  "combine/fallback.ts": ["anthropic 1", "failed no-such-model 0", "streamed by leg 1", recorded, "done by leg 1"],
  "combine/wrappers.ts": ["[ 'Mistborn by Brandon Sanderson' ] gave {", "Mistborn: The Final Empire"],
  "layers/observe.ts": ["asks gpt-4o-mini step", "get_book_info gave Mistborn", "done after 2", "No book today."],
  "layers/cache.ts": ["true 0", recorded, "[ false, true ]", "false"],
  "layers/retry.ts": [recorded, "0 tried before, 1 sent, $0.", "no-such-model 0\nno-such-model 0\nno-such-model 0"],
  "layers/limits.ts": ["3 books", "and the budget has 0 left: it was not sent", "needed 1, left 0", "on 2 requests"],
  "layers/own.ts": ["gpt-4o-mini call", recorded],
  "layers/scope.ts": [recorded, "[ 'gpt-4o-mini' ]"],
  "rows/batch.ts": ["t0 true $0.0000063", "t1 false $0.0000063", "2 done"],
  "rows/nightly.ts": [
    "4 rows, at most 0.",
    "t0 true",
    "t2 failed: 400 too long",
    "{ done: 3, failed: 1, resumed: 4, asked: 0 }",
    "t2 invalid_request",
    "3 exported",
    "0 older",
  ],
  "layers/apart.ts": ["Mistborn"],
  "otel/layer.ts": ["chat gpt-4o-mini openai 0.7", "[ 'stop' ] 0."],
  "otel/process.ts": ["chat gpt-4o-mini", "execute_tool get_book_info {", "invoke_agent"],
  "http/hono.ts": ["Mistborn: The Final Empire", "event: chunk", "data: [DONE]"],
  "http/next.ts": ["Mistborn: The Final Empire"],
  "http/node.ts": ["Mistborn: The Final Empire"],
  "http/express.ts": ["Mistborn: The Final Empire"],
  "http/fastify.ts": ["Mistborn: The Final Empire"],
  "trace/lines.ts": ["trace undefined undefined", "call start 1 undefined", "request end 2 undefined"],
  "compatible/services.ts": ["openrouter", recorded, "table prepare", "none came", "vllm"],
  "costs/costs.ts": ["list", "table"],
  "ai-sdk/model.ts": [recorded, "gets Mistborn"],
  "ai-sdk/language-model.ts": [recorded, "provider: 'openai'", "Mistborn"],
  "testing/fake.ts": ["Emma {", "There are 3 copies.", "title: ", "StreamError Dune"],
  "testing/provider.ts": ["Recommend a fantasy book", "tiny conforms"],
  "testing/tape.ts": ["The Name of the Wind", '+ asked    "Recommend a horror book"', "was about to leave"],
};

const firstLine = (text: string) => text.trim().split("\n")[0] ?? "";
const guide = Object.keys(guideSections);
const examplesOf = (provider: string) => globSync(`*/${provider}.ts`, { cwd: calls, exclude: guide }).sort();

// checklist: 155
describe("examples of calls", () => {
  const sentence = "There are no recordings at ../shared/recordings or CALLSCOPE_RECORDINGS to run the examples on.";

  if (!recordingsPresent) {
    // In CI an absent judge must not look like a pass.
    test.skipIf(!process.env.CI)(sentence, () => expect.fail(sentence));
    return;
  }

  test.each(Object.entries(lanes))(
    "%s: every section runs on recorded traffic",
    { timeout: 120_000 },
    async (provider, { recorded: folder, environment }) => {
      const { text, answer } = answersOf(folder);
      await using server = await startServer(answer);
      const files = examplesOf(provider).map((path) => join(calls, path));
      expect(files).toHaveLength(9);
      const settings = { ...environment(server.url), EXAMPLES_SERVER: server.url };
      const printed = await run(files, settings, ["--import", preload]);
      for (const [file, output] of printed) {
        // An error says what kind it is, every other example prints the recorded answer.
        if (file.includes("/errors/")) expect(output, file).toMatch(/^(?!unknown)\w+ 40[04] false undefined$/m);
        else expect(output, file).toContain(firstLine(text));
      }
      expect(server.requests.filter(({ path, text }) => (path + text).includes(missingModel))).toHaveLength(1);
    },
  );

  test("by topic: each prints what was recorded", { timeout: 120_000 }, async () => {
    const { text, answer } = topicAnswers();
    await using server = await startServer(answer);
    const settings = { EXAMPLES_SERVER: server.url, OPENROUTER_API_KEY: "key", HOUSE_API_KEY: "key" };
    for (const name of ["openai", "anthropic"]) Object.assign(settings, lanes[name]?.environment(server.url));
    const files = Object.keys(topics).map((path) => join(root, "examples", path));
    const printed = await run(files, settings, ["--import", preload]);
    for (const [path, expected] of Object.entries(topics)) {
      const output = printed.get(join(root, "examples", path));
      for (const part of expected) {
        if (part instanceof RegExp) expect(output, path).toMatch(part);
        else expect(output, path).toContain(part === recorded ? firstLine(text) : part);
      }
    }
  });
});

describe("examples of the guide", () => {
  // Each stands there four times, once for each way to write a prompt.
  const printed: Readonly<Record<string, RegExp>> = {
    streams: /^.*, \d+ tokens, \$\S+$/gm,
    structured: /^.+ \d+$/gm,
    tools: /^.+ Mistborn: The Final Empire by Brandon Sanderson \(.+\)$/gm,
    agents: /^.+ 2 \S+$/gm,
    chaining: /^.+$/gm,
  };

  test.each([...Object.entries(lanes), ["local", { environment: () => ({}) }] as const])(
    "%s: every section runs in four styles on answers of the library's own",
    { timeout: 120_000 },
    async (provider, { environment }) => {
      const files = guide.map((section) => join(calls, section, `${provider}.ts`));
      const output = await run(files, { ...environment("http://127.0.0.1:9"), EXAMPLES_FAKE: "1" });
      for (const [index, section] of guide.entries()) {
        const lines = output.get(files[index] ?? "")?.match(printed[section] ?? /^$/) ?? [];
        expect(lines.length, `${section}: ${output.get(files[index] ?? "")}`).toBe(section === "chaining" ? 5 : 4);
      }
    },
  );
});

describe("examples of sound", () => {
  test.each(["openai", "azure", "litellm", "gemini", "vertex"])(
    "[F8] %s: a spoken answer, whole and streamed",
    { timeout: 60_000 },
    async (provider) => {
      await using server = await startServer(answerWithSound);
      const file = join(root, `examples/audio/${provider}.ts`);
      const settings = { ...lanes[provider]?.environment(server.url), EXAMPLES_SERVER: server.url };
      const printed = (await run([file], settings, ["--import", preload])).get(file)?.split("\n");
      const length = String(spoken.bytes.length);
      const isGoogle = provider === "gemini" || provider === "vertex";
      expect(printed).toEqual(isGoogle ? [length, length] : [spoken.transcript, length, length]);
      for (const { body } of server.requests) expect(JSON.stringify(body)).toMatch(/"(?:audio|AUDIO)"/);
    },
  );
});

describe("books on a server", () => {
  const sentence = "There is no redis-server on this machine: apt-get install redis-server.";

  test.skipIf(!redisPresent)(redisPresent ? "are shared" : sentence, { timeout: 60_000 }, async () => {
    if (!redisPresent) expect.fail(sentence);
    const { text, answer } = topicAnswers();
    await using redis = await startRedis();
    await using server = await startServer(answer);
    const settings = { ...lanes.openai?.environment(server.url), EXAMPLES_SERVER: server.url, REDIS_URL: redis.url };
    const file = join(root, "examples/layers/redis.ts");
    const output = (await run([file], settings, ["--import", preload])).get(file);
    expect(output).toContain(firstLine(text));
    expect(output).toMatch(/^1 request, \$4\.99\d{4} left$/m);
  });
});

test("no example is left out", () => {
  const all = globSync("**/*.ts", { cwd: join(root, "examples") });
  // The suites are run by test/testing/suite.test.ts, the programs by test/programs.test.ts, the patterns by
  // test/patterns.test.ts, and so on.
  const elsewhere = [
    "calls/",
    "testing/suite",
    "programs/",
    "durable/",
    "start/",
    "recipes/",
    "patterns/",
    "chaining/",
    "responses/",
    "coming-from/",
  ];
  const present = all.filter((path) => !elsewhere.some((folder) => path.startsWith(folder)));
  const sound = present.filter((path) => path.startsWith("audio/"));
  expect(sound).toHaveLength(5);
  // That of the terminal is run in test/terminal.test.ts, the night's job in test/nightly.test.ts, the server and its
  // program by mcp/http.ts.
  const others = [
    "local/local.ts",
    "layers/redis.ts",
    "terminal/books.ts",
    "rows/job.ts",
    "mcp/server.ts",
    "mcp/stdio.ts",
  ];
  expect(present.sort()).toEqual([...Object.keys(topics), ...sound, ...others].sort());
});

describe("examples on the real model", () => {
  test("local: every section runs on the real model", { timeout: 120_000 }, async () => {
    const printed = await run(
      examplesOf("local").map((path) => join(calls, path)),
      {},
    );
    expect(printed.size).toBe(9);
    for (const [file, output] of printed) {
      expect(output.split("\n")[0]?.length, file).toBeGreaterThan(3);
      if (file.includes("/errors/")) expect(output).toContain("context_overflow");
    }
  });

  test("a call, a stream and an answer by grammar", { timeout: 120_000 }, async () => {
    const file = join(root, "examples/local/local.ts");
    const output = (await run([file], {})).get(file) ?? "";
    expect(output).toMatch(/smollm2-135m-instruct: \d+ \+ \d+ tokens/);
    expect(output).toMatch(/genre: '(fantasy|history)'/);
  });
});
