import ModelClient from "@azure-rest/ai-inference";
import OpenAI, { AzureOpenAI } from "openai";
import { expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { ResponseError } from "../../src/errors/errors.ts";
import { azure } from "../../src/providers/azure/index.ts";
import type { AzureTypes } from "../../src/providers/azure/types.ts";
import { type ChatPlayer, differences, openaiEvent, playRecording } from "../support/chat-player.ts";
import { costByHand } from "../support/chat-replay.ts";
import { openaiErrors, statusKinds } from "../support/openai-errors.ts";
import { describeRecordings, type Exchange, type Recording } from "../support/recordings.ts";
import type { Json } from "../support/replay.ts";

/** What is not replayed here, by the tag of the recording, and why. */
export const notReplayed: Readonly<Record<string, string>> = {
  "responses-api": "the Responses API is `openai.responses`, not chat completions",
};

const isReplayed = ({ scenario }: Recording) => !scenario.some((tag) => Object.hasOwn(notReplayed, tag));

/** A deployment is named in the path, and its body needs no model; a call of ours names one all the same. */
const modelName = (body: Json): Json => (typeof body.model === "string" ? body : { ...body, model: "deployment" });

/** An error under a 200, as Azure's content filter gives it. */
const errorUnder200 = ({ response }: Exchange) =>
  response.status === 200 && "body" in response ? (response.body as { error?: unknown }).error : undefined;

const player: ChatPlayer<AzureTypes> = {
  call: azure.call,
  client: (url) =>
    ModelClient(url, { key: "test" }, { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } }),
  expectedBody: (recorded) => modelName(differences.usage(differences.streamFlag(recorded))),
  // The recorded clients leave out a call's `index`, and nulls; we send the answer back as it came.
  turn: ({ role, content, tool_calls }) => ({
    role,
    content,
    tool_calls: (tool_calls as Json[] | undefined)?.map(({ index, ...call }) => call),
  }),
  fails: (exchange) => exchange.response.status >= 400 || errorUnder200(exchange) !== undefined,
  expectFailure(error, exchange) {
    const { response } = exchange;
    const { status } = response;
    const isRest = exchange.request?.url.includes("/models/") ?? false;
    if (status === 200) {
      expect(error).toBeInstanceOf(ResponseError);
      expect((error as ResponseError).response).toEqual((response as { body: unknown }).body);
      const { cause } = error as ResponseError;
      expect(cause).toEqual(errorUnder200(exchange));
      expect(classify(cause).kind).toBe((cause as { code?: string }).code === "content_filter" ? "content_filter" : "");
      return;
    }
    expect(error).toBeInstanceOf(isRest ? azure.AzureInferenceError : (openaiErrors[status] ?? OpenAI.APIError));
    expect(classify(error)).toMatchObject({ status, kind: statusKinds[status] });
  },
  expectMore(response, truth) {
    const byHand = costByHand(truth);
    if (byHand !== undefined) expect(response.cost).toBeCloseTo(byHand, 10);
    const { prompt_tokens = 0, prompt_tokens_details } = (truth.usage ?? {}) as {
      prompt_tokens?: number;
      prompt_tokens_details?: { cached_tokens?: number };
    };
    // Grok on Azure tells more cached tokens than prompt tokens: no price is right for that.
    if ((prompt_tokens_details?.cached_tokens ?? 0) > prompt_tokens) expect(response.cost).toBeUndefined();
  },
};

describeRecordings("azure", ({ exchanges }) => {
  test("replays through the REST client", () => playRecording(player, exchanges));
  // Both clients speak one wire.
  test("replays through the openai package", () =>
    playRecording(
      { ...player, event: openaiEvent, client: (url) => new OpenAI({ apiKey: "test", baseURL: url, maxRetries: 0 }) },
      exchanges,
    ));
});

describeRecordings(
  "azure-openai",
  ({ exchanges }) => {
    const url = new URL(exchanges[0]?.request?.url ?? "https://example.openai.azure.com/chat/completions");
    const deployment = url.pathname.split("/").at(-3);
    test("replays through AzureOpenAI or OpenAI", () =>
      playRecording(
        {
          ...player,
          event: openaiEvent,
          client: (base) =>
            url.pathname.includes("/deployments/")
              ? new AzureOpenAI({
                  endpoint: base,
                  apiKey: "test",
                  apiVersion: url.searchParams.get("api-version") ?? "",
                  ...(deployment !== undefined && { deployment }),
                  maxRetries: 0,
                })
              : new OpenAI({ apiKey: "test", baseURL: base, maxRetries: 0 }),
        },
        exchanges,
      ));
  },
  isReplayed,
);
