import Anthropic from "@anthropic-ai/sdk";
import { ApiError } from "@google/genai";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { classify } from "../../../src/errors/classify.ts";
import { TimeoutError } from "../../../src/errors/errors.ts";
import { litellm } from "../../../src/providers/litellm/index.ts";
import { openaiErrors, statusKinds } from "../../support/openai-errors.ts";
import { collect, thrownBy } from "../../support/replay.ts";
import { clients, lanes } from "./lanes.ts";
import type { ProxyServer } from "./proxy.ts";
import { statuses } from "./proxy-config.ts";

// Every kind of error the proxy makes, of itself and of what it stands before. Each reaches the caller as the SDK's own.

const say = (words: string) => words;
const tooLong = "word ".repeat(3000);

/** What is asked of whom, and what comes of it. */
interface Failure {
  readonly model?: string;
  readonly key?: string;
  readonly words?: string;
  readonly callParams?: object;
  readonly status: number;
  readonly kind: string;
}

const failures: Readonly<Record<string, Failure>> = {
  "a key it does not know": { key: "sk-wrong", status: 401, kind: "authentication" },
  "a key that has expired": { key: "sk-expired", status: 401, kind: "authentication" },
  "a key for another model": { key: "sk-one-model", model: "smol-chat", status: 403, kind: "permission" },
  "a key for another model than the fallback": {
    key: "sk-one-model",
    callParams: { fallbacks: ["smol-chat"] },
    status: 403,
    kind: "permission",
  },
  "a model it does not know": { model: "gpt-none", status: 400, kind: "not_found" },
  "a refused prompt": { model: "filter", status: 400, kind: "content_filter" },
  "a prompt the model's context cannot hold": { words: tooLong, status: 400, kind: "context_overflow" },
  "a parameter the model's server refuses": { callParams: { top_p: "much" }, status: 400, kind: "invalid_request" },
  "a model that does not answer in time": { model: "slow", status: 408, kind: "timeout" },
  "a model that is down": { model: "down", status: 500, kind: "server" },
  "a mocked rate limit": { model: "mock-RateLimitError", status: 429, kind: "rate_limit" },
  "a mocked overflow": { model: "mock-ContextWindowExceededError", status: 400, kind: "context_overflow" },
  "a mocked breakdown": { model: "mock-InternalServerError", status: 500, kind: "server" },
  ...Object.fromEntries(
    statuses.map((status) => [
      `a model's ${status}`,
      { model: `status-${status}`, status, kind: statusKinds[status] ?? "" },
    ]),
  ),
};

/** The tests of failures. */
export function describeProxyErrors(proxy: () => ProxyServer): void {
  const ask = ({ model = "smol", key, words = "Say hi", callParams }: Partial<Failure>) => {
    const client = clients.litellm(proxy().url, key);
    return litellm.call(model, { client, callParams: { max_tokens: 8, ...callParams } }, say)(words);
  };

  describe("its errors are the SDK's", () => {
    test.each(Object.entries(failures))("%s", async (_, failure) => {
      const error = await thrownBy(() => ask(failure));
      expect(error).toBeInstanceOf(openaiErrors[failure.status] ?? OpenAI.APIError);
      expect(classify(error)).toMatchObject({ status: failure.status, kind: failure.kind });
      // The proxy's name for the request, to look it up by.
      if (failure.model !== undefined && failure.status !== 403) {
        expect((error as InstanceType<typeof OpenAI.APIError>).headers?.get("x-litellm-call-id")).toMatch(
          /^[\da-f-]{36}$/,
        );
      }
    });

    test("a key's own rate limit says how long to wait", async () => {
      await ask({ key: "sk-one-a-minute" });
      const error = await thrownBy(() => ask({ key: "sk-one-a-minute" }));
      expect(error).toBeInstanceOf(OpenAI.RateLimitError);
      const { kind, retryable, retryAfterMs = 0 } = classify(error);
      expect([kind, retryable]).toEqual(["rate_limit", true]);
      expect(retryAfterMs).toBeGreaterThan(0);
      expect(retryAfterMs).toBeLessThanOrEqual(60_000);
    });

    test("a model's own wait is passed on", async () => {
      const error = await thrownBy(() => ask({ model: "status-429" }));
      expect(classify(error)).toMatchObject({ kind: "rate_limit", retryAfterMs: 7000 });
    });

    test("a model's rate limit", async () => {
      await ask({ model: "one-a-minute" });
      const error = await thrownBy(() => ask({ model: "one-a-minute" }));
      expect(error).toBeInstanceOf(OpenAI.RateLimitError);
      expect(classify(error)).toMatchObject({ kind: "rate_limit", retryable: true });
    });

    test("a key whose budget is spent is out of quota, and nothing to repeat", async () => {
      await ask({ key: "sk-poor" });
      const error = await thrownBy(() => ask({ key: "sk-poor" }));
      expect(error).toBeInstanceOf(OpenAI.UnprocessableEntityError);
      expect(classify(error)).toMatchObject({ status: 422, kind: "quota", retryable: false });
    });
  });
  describeOwnErrors(proxy);
  describeOtherFormats(proxy);
}

function describeOwnErrors(proxy: () => ProxyServer): void {
  describe("what is no answer of the proxy", () => {
    const open = (model: string) =>
      litellm.call(model, { client: clients.litellm(proxy().url), stream: true }, () => "Hi")();

    test("an error amid a stream throws, and what came stays readable", async () => {
      const stream = open("broken-stream");
      const error = await thrownBy(() => collect(stream));
      expect(error).toBeInstanceOf(OpenAI.APIError);
      expect(classify(error).kind).toBe("server");
      expect(stream.content).toBe("Hello there");
    });

    test("a stream the model's server cut looks whole: the proxy ends it with a reason of its own", async () => {
      const stream = open("cut-stream");
      await collect(stream);
      expect([stream.content, stream.finishReasons]).toEqual(["Hello there", ["stop"]]);
    });

    test("a page for an answer is the model's failure", async () => {
      const error = await thrownBy(() => litellm.call("page", { client: clients.litellm(proxy().url) }, () => "Hi")());
      expect(error).toBeInstanceOf(OpenAI.InternalServerError);
      expect(classify(error).kind).toBe("server");
    });

    test("a timeout of the caller's own", async () => {
      const call = litellm.call("slow", { client: clients.litellm(proxy().url) }, () => "Hi");
      const error = await thrownBy(() => call.with({ timeout: 50 })());
      expect(error).toBeInstanceOf(TimeoutError);
      expect(classify(error).kind).toBe("timeout");
    });

    test("a proxy that is not there", async () => {
      const client = clients.litellm("http://127.0.0.1:9");
      const error = await thrownBy(() => litellm.call("smol", { client }, () => "Hi")());
      expect(error).toBeInstanceOf(OpenAI.APIConnectionError);
      expect(classify(error).kind).toBe("connection");
    });
  });
}

function describeOtherFormats(proxy: () => ProxyServer): void {
  const shared = [
    "a key it does not know",
    "a key for another model",
    "a prompt the model's context cannot hold",
    "a model's 429",
    "a model's 503",
    "a model that is down",
  ];
  const classes = { anthropic: Anthropic.APIError, gemini: ApiError };
  describe.each(["anthropic", "gemini"] as const)("its errors in the format of %s are the SDK's", (name) => {
    test.each(shared)("%s", async (title) => {
      const { model = "smol-chat", key, words = "Say hi", ...told } = failures[title] as Failure;
      // In Google's format LiteLLM makes a 500 of what it has no class for there.
      const isLost = name === "gemini" && told.status === 503;
      const { status, kind } = isLost ? { status: 500, kind: "server" } : told;
      const ask = lanes[name].bind(proxy().url, { model, ...(key !== undefined && { key }) });
      const error = await thrownBy(() => ask(words));
      expect(error).toBeInstanceOf(classes[name]);
      expect(classify(error)).toMatchObject({ status, kind });
    });
  });
}
