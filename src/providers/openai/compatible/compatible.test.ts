import OpenAI from "openai";
import { afterEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { describeChatFaults } from "../../../../test/support/chat-faults.ts";
import { laneOf } from "../../../../test/support/chat-lane.ts";
import { describeChatRequests } from "../../../../test/support/chat-requests.ts";
import { chunk, completion, startChat, textChunks, toolCall } from "../../../../test/support/chat-server.ts";
import { startServer, status } from "../../../../test/support/fault-server.ts";
import { openaiErrors } from "../../../../test/support/openai-errors.ts";
import { startTelemetry } from "../../../../test/support/otel.ts";
import { collect, thrownBy } from "../../../../test/support/replay.ts";
import { imports, workplace } from "../../../../test/support/run-command.ts";
import { providerNames } from "../../../any-provider.ts";
import { ConfigError, UnsupportedError } from "../../../errors/errors.ts";
import { loadHistory, saveHistory } from "../../../message/history.ts";
import { Messages } from "../../../message/message.ts";
import type { PriceSource } from "../../../money/cost.ts";
import { otel } from "../../../otel/index.ts";
import { failure, fake } from "../../../testing/index.ts";
import { compatible, openai, type PresetName } from "../index.ts";

const say = () => "Hi";
const hi = [{ role: "user", content: "Hi" }];
const clientOf = (url: string) => new OpenAI({ apiKey: "sk-secret", baseURL: url, maxRetries: 0, logLevel: "off" });

afterEach(() => vi.unstubAllEnvs());

const own = compatible({ name: "house", baseURL: "http://127.0.0.1:9/v1" });
const lane = laneOf(own.call, {
  title: "compatible",
  provider: "house",
  keepsNull: true,
  asksForUsage: true,
  client: clientOf,
  errorClass: (code) => openaiErrors[code] ?? OpenAI.APIError,
});

describeChatRequests(lane);
describeChatFaults(lane);

describe("the client it makes", () => {
  /** The headers of one request, asked with what the environment holds. */
  async function sent(service: PresetName | "house", changes: object = {}) {
    await using server = await startChat(completion({ content: "Dune" }));
    const baseURL = `${server.url}/v1`;
    const { call } =
      service === "house"
        ? compatible({ name: "house", baseURL, ...changes })
        : compatible(service, { baseURL, ...changes });
    expect((await call("m", say)()).content).toBe("Dune");
    const [request] = server.requests;
    expect(request?.path).toBe("/v1/chat/completions");
    expect(request?.body).toEqual({ model: "m", messages: hi });
    return request?.headers ?? {};
  }

  test("has the service's own key, and none of OpenAI's settings", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-openai");
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:9/openai");
    vi.stubEnv("OPENAI_ORG_ID", "org-1");
    vi.stubEnv("OPENAI_PROJECT_ID", "project-1");
    vi.stubEnv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer sk-openai\nX-Own: 1");
    vi.stubEnv("XAI_API_KEY", " xai-key ");
    const headers = await sent("xai");
    expect(headers.authorization).toBe("Bearer xai-key");
    expect(JSON.stringify(headers)).not.toMatch(/sk-openai|org-1|project-1|x-own/);
  });

  test.each([
    ["openrouter", "OPENROUTER_API_KEY"],
    ["deepseek", "DEEPSEEK_API_KEY"],
    ["together", "TOGETHER_API_KEY"],
    ["fireworks", "FIREWORKS_API_KEY"],
    ["vllm", "VLLM_API_KEY"],
  ] as const)("of %s reads %s", async (name, variable) => {
    vi.stubEnv(variable, "key-1");
    expect((await sent(name)).authorization).toBe("Bearer key-1");
  });

  test("sends no key where there is none, nor OpenAI's in its place", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-openai");
    vi.stubEnv("VLLM_API_KEY", "");
    for (const headers of [await sent("ollama"), await sent("vllm"), await sent("house")]) {
      expect(headers).not.toHaveProperty("authorization");
      expect(JSON.stringify(headers)).not.toContain("sk-openai");
    }
    expect((await sent("house", { apiKey: "k" })).authorization).toBe("Bearer k");
  });

  test("of a service that wants a key says which variable lacks it, before anything is sent", async () => {
    vi.stubEnv("XAI_API_KEY", "");
    const error = await thrownBy(() => compatible("xai").call("grok-4", say)());
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toBe(
      'compatible("xai") makes its client with the key in XAI_API_KEY, which is not set: set it, or give `apiKey` or a client.',
    );
  });

  test("shows its key to nobody who looks at it", () => {
    const service = compatible({ name: "house", baseURL: "http://127.0.0.1:9/v1", apiKey: "sk-secret" });
    expect(JSON.stringify([service, service.provider])).not.toContain("sk-secret");
  });
});

describe("what is given", () => {
  test.each([
    ["olama", 'compatible() knows ollama, vllm, openrouter, deepseek, xai, together, fireworks; for "olama" give'],
    ["__proto__", 'for "__proto__" give { name, baseURL }'],
    [null, "compatible() takes a name or { name, baseURL }; it was given null"],
    [{ name: "a b", baseURL: "http://x" }, '"a b" is no such name'],
    [{ name: "house" }, 'compatible("house") takes a baseURL that begins with http:// or https://'],
    [{ name: "house", baseURL: "file:///etc" }, "takes a baseURL that begins with http"],
    [{ name: "house", baseURL: "http://u:secret@h/v1" }, "holds a user or a password: give the key as `apiKey`"],
    [
      { name: "house", baseURL: "http://h/v1", baseUrl: "x" },
      'compatible() has no option "baseUrl"; it has name, base',
    ],
  ])("that makes no sense is refused: %j", (service, message) => {
    expect(() => compatible(service as never)).toThrow(ConfigError);
    expect(() => compatible(service as never)).toThrow(message);
    expect(() => compatible(service as never)).not.toThrow("secret@");
  });

  test.each(providerNames)("under the name of this library's own %s is refused", (name) => {
    const message = `"${name}" is a provider of this library`;
    expect(() => compatible({ name, baseURL: "http://127.0.0.1:9/v1" })).toThrow(message);
  });

  test("as a client of another SDK is refused by its name", async () => {
    const client = { messages: { create() {} } } as never;
    expect(await thrownBy(() => own.call("m", { client }, say)())).toMatchObject({
      code: "config",
      message:
        'compatible("house") takes an OpenAI instance as its client; the one given has no chat.completions.create.',
    });
  });

  test("is not changed", () => {
    const service = Object.freeze({ name: "house", baseURL: "http://127.0.0.1:9/v1" });
    expect(compatible(service, Object.freeze({ apiKey: "k" })).provider.name).toBe("house");
  });
});

describe("a structured answer", () => {
  const Book = z.object({ title: z.string() });
  const said = completion({ tool_calls: [toolCall("answer", { title: "Dune" })] });

  async function asked(service: PresetName, callParams: object = {}) {
    await using server = await startChat(said);
    const { call } = compatible<{ thinking?: object }>(service, { baseURL: server.url, apiKey: "k" });
    expect(await call("m", { responseModel: Book, callParams }, say)()).toEqual({ title: "Dune" });
    const { messages, tool_choice } = server.bodies[0] as { messages: object[]; tool_choice: unknown };
    return { messages, tool_choice };
  }
  const forced = { messages: hi, tool_choice: { type: "function", function: { name: "answer" } } };

  test("is a forced tool where the service forces one", async () => {
    expect(await asked("xai")).toEqual(forced);
    expect(await asked("deepseek", { thinking: { type: "disabled" } })).toEqual(forced);
  });

  test.each([["ollama"], ["deepseek"]] as const)("is asked for in words where %s forces none", async (name) => {
    const { messages, tool_choice } = await asked(name);
    expect(tool_choice).toBe("auto");
    expect(messages).toEqual([{ role: "system", content: expect.stringContaining('"answer"') }, ...hi]);
  });
});

describe("cost", () => {
  const answered = (usage: object) => completion({ content: "Dune", usage }, "gpt-4o-mini");
  const usage = { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 };

  test("is none of OpenAI's, whatever the model is called: the user's own, a list's that has the service, or none", async () => {
    await using server = await startChat(answered(usage));
    const house = compatible({ name: "house", baseURL: server.url }).call("gpt-4o-mini", say);
    const response = await house();
    expect(response.cost).toBeUndefined();
    expect(response.costDetails?.reason).toBe("The price list knows no prices of house.");
    expect((await house.with({ prices: { "gpt-4o-mini": { input: 2, output: 3 } } })()).cost).toBe(2);
    const rates = { input: { base: { usd: 5, quotes: {} }, tiers: [] } };
    const list: PriceSource = {
      find: (provider, id) =>
        provider === "house" ? { entry: { id, provider, source: "list" }, rates } : { reason: "another" },
    };
    expect((await house.with({ prices: list })()).cost).toBe(5);
  });

  test("is the one that OpenRouter charged, in streams too, but for a key of one's own at the maker", async () => {
    const end = { ...chunk({}), choices: [], usage: { ...usage, cost: 0.5 } };
    await using server = await startChat(
      answered({ ...usage, cost: 0.25, is_byok: false }),
      answered({ ...usage, cost: 0 }),
      answered({ ...usage, cost: 0.01, is_byok: true }),
      answered({ ...usage, cost: "0.25" }),
      [chunk({ content: "Dune" }), chunk({}, "stop"), end],
    );
    const { call } = compatible("openrouter", { baseURL: server.url, apiKey: "k" });
    const ask = call("openai/gpt-4o-mini", say);
    const costs = [await ask(), await ask(), await ask(), await ask()].map(({ cost }) => cost);
    expect(costs).toEqual([0.25, 0, undefined, undefined]);
    const stream = call("openai/gpt-4o-mini", { stream: true }, say)();
    await collect(stream);
    expect(stream.cost).toBe(0.5);
  });
});

test("answers are made up for it as for any provider, errors too", async () => {
  const layers = [fake(["Dune", failure("rate_limit")])];
  const ask = compatible("ollama").call("qwen3", say).with({ layers });
  const response = await ask();
  expect([response.content, response.provider, response.cost]).toEqual(["Dune", "ollama", undefined]);
  expect(await thrownBy(() => ask())).toBeInstanceOf(OpenAI.RateLimitError);
});

describe("its name", () => {
  test("stands in the answer, in saved conversations, and takes its own turns back as they came", async () => {
    const told = { content: "Dune", reasoning_content: "Hm." };
    await using server = await startChat(completion(told as object), completion({ content: "Frank Herbert" }));
    const { call } = compatible("deepseek", { baseURL: server.url, apiKey: "k" });
    const first = await call("deepseek-chat", say)();
    expect([first.provider, first.thinking]).toEqual(["deepseek", "Hm."]);
    const saved = JSON.parse(JSON.stringify(saveHistory([Messages.user("Hi"), first.message])));
    const turns = [...loadHistory(saved), Messages.user("Who?")];
    await call("deepseek-chat", () => turns)();
    const spoken = { role: "assistant", content: "Dune", reasoning_content: "Hm." };
    expect(server.bodies[1]?.messages).toEqual([...hi, spoken, { role: "user", content: "Who?" }]);
    // Another provider gets what any gets: the text, without thoughts that are not its own.
    const elsewhere = (await openai.call("m", () => turns).prepare()).request.messages;
    expect(elsewhere[1]).toEqual({ role: "assistant", content: "Dune" });
  });

  test("stands in errors: the SDK's own pass, ours tell it", async () => {
    await using missing = await startServer(status(404, { error: { message: "no such model" } }));
    await using empty = await startServer(status(200, {}));
    await using cut = await startChat(textChunks("Du").slice(0, 1));
    const at = (baseURL: string) => compatible({ name: "house", baseURL }).call;
    expect(await thrownBy(() => at(missing.url)("m", say)())).toBeInstanceOf(OpenAI.NotFoundError);
    expect(await thrownBy(() => at(empty.url)("m", say)())).toMatchObject({
      message: "house answered with no answer in it, not with a chat completion.",
    });
    const read = () => collect(at(cut.url)("m", { stream: true }, say)());
    expect(await thrownBy(read)).toMatchObject({ message: "The stream of house ended before the answer was whole." });
    const marked = () =>
      own.call("m", () => [Messages.user(["a", { type: "cache_control", cacheType: "ephemeral" }])]).prepare();
    expect(await thrownBy(marked)).toMatchObject({ constructor: UnsupportedError, provider: "house" });
  });

  test("stands in telemetry, as the conventions spell it", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    const telemetry = startTelemetry();
    const layers = [otel(telemetry.to)];
    for (const service of [
      compatible("xai", { baseURL: server.url, apiKey: "k" }),
      compatible("ollama", { baseURL: server.url }),
    ]) {
      await service.call("m", { layers }, say)();
    }
    const names = telemetry.spans().map(({ attributes }) => attributes["gen_ai.provider.name"]);
    expect(names).toEqual(["x_ai", "ollama"]);
  });

  test("stands in what lint finds", async () => {
    const call = `compatible("xai").call("grok-4", (text: string) => text)`;
    const text = `${imports.replace("{ openai }", "{ compatible, openai }")}export const one = ${call};\nexport const samples = [{ call: one, args: ["x"] }];\n`;
    using place = workplace({ "one.ts": text });
    const { output } = await place.run("lint", "--provider", "own", "--json");
    expect(JSON.parse(output).findings).toEqual([
      expect.objectContaining({ rule: "price", providers: ["xai"], message: expect.stringContaining("of xai") }),
    ]);
  });
});
