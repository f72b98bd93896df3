import { describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { completion, startChat, textChunks, toolCall } from "../test/support/chat-server.ts";
import { collect, thrownBy } from "../test/support/replay.ts";
import { call, type LackedParam, type ProviderName, providerNames } from "./any-provider.ts";
import type { CommonParams } from "./contract/provider.ts";
import { ConfigError, UnsupportedError } from "./errors/errors.ts";

const say = (genre: string) => `Recommend a ${genre} book`;

// checklist: 36, 42, 43
describe("a provider that is a value", () => {
  test("is loaded by its name and sent the common parameters by its own", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    const recommend = call(
      "openai/gpt-4o-mini",
      {
        client: server.client,
        callParams: {
          maxTokens: 9,
          topP: 0.5,
          stop: ["x"],
          seed: 1,
          temperature: 0,
          frequencyPenalty: 1,
          presencePenalty: 2,
        },
      },
      say,
    );
    const response = await recommend("fantasy");
    expect(response).toMatchObject({ content: "Dune", provider: "openai", model: "gpt-4o-mini" });
    expect(server.bodies[0]).toEqual({
      model: "gpt-4o-mini",
      messages: [{ role: "user", content: "Recommend a fantasy book" }],
      max_completion_tokens: 9,
      top_p: 0.5,
      stop: ["x"],
      seed: 1,
      temperature: 0,
      frequency_penalty: 1,
      presence_penalty: 2,
    });
    expect(response.callParams).toMatchObject({ maxTokens: 9 });
    expect(response.cost).toBeGreaterThan(0);
  });

  test("streams, extracts and uses tools like any other", async () => {
    await using server = await startChat(
      textChunks("Du", "ne"),
      completion({ tool_calls: [toolCall("answer", { title: "Dune" })] }),
    );
    const { client } = server;
    const stream = call("openai/gpt-4o-mini", { stream: true, client }, say)("x");
    await collect(stream);
    expect(stream.content).toBe("Dune");
    const extract = call("openai/gpt-4o-mini", { client, responseModel: z.object({ title: z.string() }) }, say);
    expect(await extract("x")).toEqual({ title: "Dune" });
  });

  // checklist: 147
  test("moves to another with nothing of the first one's client", async () => {
    await using first = await startChat(completion({ content: "first" }));
    await using second = await startChat(completion({ content: "second" }));
    vi.stubEnv("LITELLM_API_KEY", "sk-two");
    vi.stubEnv("LITELLM_BASE_URL", second.url);
    try {
      const ask = call("openai/gpt-4o-mini", { client: first.client, callParams: { temperature: 0 } }, say);
      const moved = ask.with({ model: "litellm/house" });
      expect((await moved("x")).content).toBe("second");
      expect(second.requests[0]?.headers.authorization).toBe("Bearer sk-two");
      expect(second.bodies[0]).toMatchObject({ model: "house", temperature: 0 });
      expect((await ask("x")).content).toBe("first");
      expect((await ask.with({ model: "openai/gpt-4o" })("x")).content).toBe("first");
      expect(first.bodies[1]).toMatchObject({ model: "gpt-4o" });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test.each(["gpt-4o", "nobody/gpt", "/gpt", "openai/", "constructor/x", "__proto__/x"])(
    "named %j is refused with the names there are",
    (name) => {
      expect(() => call(name, say)).toThrow(ConfigError);
      expect(() => call(name, say)).toThrow(providerNames.join(", "));
    },
  );

  test("takes the common parameters only, static, given later or dynamic", async () => {
    const wrong = { max_tokens: 1 } as object;
    expect(() => call("openai/m", { callParams: wrong }, say)).toThrow('"max_tokens" is not a common parameter');
    expect(await thrownBy(() => call("openai/m", say).with({ callParams: wrong }).prepare("x"))).toBeInstanceOf(
      ConfigError,
    );
    expect(
      await thrownBy(() => call("openai/m", () => ({ messages: "x", callParams: wrong })).prepare()),
    ).toBeInstanceOf(ConfigError);
  });

  test("prepares without a network", async () => {
    const prepared = await call("openai/gpt-4o-mini", { callParams: { maxTokens: 5 } }, say).prepare("x");
    expect(prepared).toMatchObject({
      provider: "openai",
      model: "gpt-4o-mini",
      request: { model: "gpt-4o-mini", max_completion_tokens: 5 },
    });
  });
});

// As the type has it, to the key: one too many or too few is a type error here.
const lacked: { readonly [Name in ProviderName]: Readonly<Record<LackedParam<Name>, true>> } = {
  openai: {},
  "openai-responses": { stop: true, seed: true, frequencyPenalty: true, presencePenalty: true },
  anthropic: { seed: true, frequencyPenalty: true, presencePenalty: true },
  mistral: {},
  gemini: {},
  vertex: {},
  groq: {},
  cohere: {},
  litellm: {},
  azure: {},
  bedrock: { seed: true, frequencyPenalty: true, presencePenalty: true },
  local: {},
};
const every: Required<CommonParams> = {
  temperature: 0.5,
  maxTokens: 9,
  topP: 0.5,
  stop: ["x"],
  seed: 1,
  frequencyPenalty: 1,
  presencePenalty: 1,
};

// checklist: 43
describe.each(providerNames)("%s, by its name", (name) => {
  test.each(Object.keys(every) as (keyof CommonParams)[])("%s is sent or refused, as its type says", async (key) => {
    const asked: string = `${name}/m`;
    const prepare = () => call(asked, { callParams: { [key]: every[key] } }, say).prepare("x");
    if (Object.hasOwn(lacked[name], key)) {
      const error = await thrownBy(prepare);
      expect(error).toBeInstanceOf(UnsupportedError);
      expect(error).toMatchObject({ provider: name, feature: key });
      return;
    }
    const bare = await call(asked, say).prepare("x");
    expect((await prepare()).request).not.toEqual(bare.request);
  });
});

// checklist: 147
test("headers of one provider do not go to another", async () => {
  await using second = await startChat(completion({ content: "second" }));
  vi.stubEnv("LITELLM_API_KEY", "sk-two");
  vi.stubEnv("LITELLM_BASE_URL", second.url);
  try {
    const ask = call("openai/gpt-4o-mini", say).with({ headers: { "x-token": "first's" } });
    await ask.with({ model: "litellm/house" })("x");
    await ask.with({ model: "litellm/house", headers: { "x-token": "second's" } })("x");
    expect(second.requests.map(({ headers }) => headers["x-token"])).toEqual([undefined, "second's"]);
  } finally {
    vi.unstubAllEnvs();
  }
});
