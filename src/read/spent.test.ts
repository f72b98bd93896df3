import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { chunk, completion, startChat } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { litellm } from "../providers/litellm/index.ts";
import { openai } from "../providers/openai/index.ts";

const prompt = () => "Recommend a fantasy book";
const clientOf = (url: string) => new OpenAI({ apiKey: "sk-secret", baseURL: url, maxRetries: 0, logLevel: "off" });

describe("an estimate", () => {
  // Four bytes are a token: 400 of them are 100.
  test.each([
    ["what was seen where the provider has told less", 1, 100],
    ["what the provider told where less was seen, as of thoughts that it hides", 700, 700],
  ])("has %s", async (_, told, outputTokens) => {
    const usage = { prompt_tokens: 33, completion_tokens: told, total_tokens: 33 + told };
    await using server = await startChat([chunk({ content: "Dune".repeat(100) }, null, { usage })]);
    const stream = openai.call("gpt-4o-mini", { stream: true, client: server.client }, prompt)();
    expect(await thrownBy(() => collect(stream))).toMatchObject({ code: "stream_ended_early" });
    // Per million tokens gpt-4o-mini costs $0.15 in and $0.60 out.
    const cost = expect.closeTo((33 * 0.15 + outputTokens * 0.6) / 1e6, 12);
    expect(stream.spent).toEqual({ inputTokens: 33, outputTokens, cost, estimated: true });
  });
});

describe("an abort before the first event", () => {
  async function aborted(handler: fault.Handler) {
    await using server = await fault.startServer(handler);
    const controller = new AbortController();
    const call = openai.call("gpt-4o-mini", { stream: true, client: clientOf(server.url) }, prompt);
    const stream = call.with({ signal: controller.signal })();
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 100);
    const error = await thrownBy(() => collect(stream));
    // Until the answer has begun, the SDK's own error tells of the abort.
    expect([reason, expect.any(OpenAI.APIUserAbortError)]).toContainEqual(error);
    const inputTokens = (await call.prepare()).estimatedInputTokens;
    expect(inputTokens).toBeGreaterThan(5);
    return { spent: stream.spent, inputTokens };
  }

  test("has spent the prompt, at its price where the answer had begun", async () => {
    const { spent, inputTokens } = await aborted(fault.streamStall([], 0));
    const cost = expect.closeTo((inputTokens * 0.15) / 1e6, 12);
    expect(spent).toEqual({ inputTokens, outputTokens: 0, cost, estimated: true });
  });

  test("tells the prompt's tokens, too, where no answer came", async () => {
    const { spent, inputTokens } = await aborted(fault.hang);
    expect(spent).toMatchObject({ inputTokens, outputTokens: 0, estimated: true });
  });
});

describe("a cost that the provider reports", () => {
  test("is that of a stream which broke after it was told", async () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost: 0.25 };
    await using server = await startChat([chunk({ content: "Dune" }, null, { usage })]);
    const stream = litellm.call("house-model", { stream: true, client: server.client }, prompt)();
    await thrownBy(() => collect(stream));
    expect(stream.partialResponse?.cost).toBe(0.25);
    expect(stream.partialResponse?.costDetails?.entry?.source).toBe("provider");
    expect(stream.spent).toMatchObject({ cost: 0.25, estimated: true });
    expect(stream.cost).toBeUndefined();
  });

  test("stands where the user's own table lacks the model, and yields to one that has it", async () => {
    const headers = { "x-litellm-response-cost": "0.25" };
    const usage = { prompt_tokens: 1000, completion_tokens: 0, total_tokens: 1000 };
    const body = completion({ content: "x", usage }, "openai/gpt-4o");
    await using server = await fault.startServer(fault.status(200, body, headers));
    const call = litellm.call("house-model", { client: clientOf(server.url) }, prompt);
    const lacking = await call.with({ prices: { "other-model": { input: 1, output: 1 } } })();
    expect(lacking.costDetails).toMatchObject({ usd: 0.25, entry: { source: "provider" } });
    const holding = await call.with({ prices: { "house-model": { input: 1, output: 1 } } })();
    expect(holding.costDetails).toMatchObject({ usd: 0.001, entry: { source: "table" } });
  });
});
