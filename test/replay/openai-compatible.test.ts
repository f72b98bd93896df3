import OpenAI from "openai";
import { expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { type CompatibleTypes, compatible, openai } from "../../src/providers/openai/index.ts";
import type { OpenAITypes } from "../../src/providers/openai/types.ts";
import { type ChatPlayer, differences, openaiEvent, playRecording } from "../support/chat-player.ts";
import { type ChatTruth, chatTruth } from "../support/chat-replay.ts";
import { openaiErrors, statusKinds } from "../support/openai-errors.ts";
import { describeRecordings, type Exchange, type RecordedResponse } from "../support/recordings.ts";
import { eventsOf, isStream, type Json } from "../support/replay.ts";

// Services that are not OpenAI and speak its wire: reached by `callscope/openai` with a client that has their address, and by
// `compatible`, under their own names.

/** Perplexity puts an empty `delta` beside the message of a whole answer. */
function truth(response: RecordedResponse): ChatTruth {
  if (isStream(response) || !("body" in response)) return chatTruth(response);
  const body = response.body as { choices?: Json[] };
  const choices = body.choices?.map(({ delta, ...choice }) => choice);
  return chatTruth({ ...response, body: { ...body, choices } });
}

const isErrorStream = ({ response }: Exchange) => isStream(response) && eventsOf(response).some(({ error }) => error);

const player: Omit<ChatPlayer<OpenAITypes>, "call"> = {
  client: (url) => new OpenAI({ apiKey: "test", baseURL: url, maxRetries: 0 }),
  expectedBody: (recorded) => differences.usage(differences.streamFlag(recorded)),
  // The recorded clients leave out a call's `index` and reasoning that is not asked back; we send the answer back as it
  // came.
  turn: ({ role, content, tool_calls, reasoning_details }) => ({
    role,
    content,
    reasoning_details,
    tool_calls: (tool_calls as Json[] | undefined)?.map(({ index, ...call }) => call),
  }),
  fails: (exchange) => exchange.response.status >= 400 || isErrorStream(exchange),
  event: openaiEvent,
  truth,
  expectFailure(error, { response }) {
    const { status } = response;
    expect(error).toBeInstanceOf(openaiErrors[status] ?? OpenAI.APIError);
    // Only the words of the body tell a prompt that is too long.
    const isOverflow = JSON.stringify(response).includes("max context length");
    if (status >= 400)
      expect(classify(error)).toMatchObject({ status, kind: isOverflow ? "context_overflow" : statusKinds[status] });
    else expect(classify(error)).toMatchObject({ kind: "invalid_request" });
  },
};

/** The service of each recorded host. Perplexity and DashScope are nobody's preset. */
const services = new Map([
  ["ollama.com", compatible("ollama")],
  ["openrouter.ai", compatible("openrouter")],
  ["api.deepseek.com", compatible("deepseek")],
  ["api.together.xyz", compatible("together")],
  ["api.perplexity.ai", compatible({ name: "perplexity", baseURL: "https://api.perplexity.ai" })],
  ["dashscope.aliyuncs.com", compatible({ name: "dashscope", baseURL: "https://dashscope.aliyuncs.com/v1" })],
]);

function serviceOf(exchanges: readonly Exchange[]) {
  const { host } = new URL(exchanges[0]?.request?.url ?? "");
  const service = services.get(host);
  if (service === undefined) throw new Error(`No service is known at ${host}.`);
  return service;
}

/** What OpenRouter says it charged; nothing where nobody says it. */
function charged({ provider }: { readonly provider: string }, usage: object | undefined): number | undefined {
  return provider === "openrouter" ? (usage as { cost?: number } | undefined)?.cost : undefined;
}

describeRecordings("openai-compatible", ({ exchanges }) => {
  test("replays through the SDK", () => playRecording<OpenAITypes>({ ...player, call: openai.call }, exchanges));

  test("replays under the service's own name, at no price of OpenAI's", async () => {
    const { call, provider } = serviceOf(exchanges);
    await playRecording<CompatibleTypes>(
      {
        ...player,
        call,
        expectMore(response) {
          expect(response.provider).toBe(provider.name);
          expect(response.cost).toBe(charged(response, response.usage));
          expect(response.message).toMatchObject({ native: { provider: provider.name } });
        },
      },
      exchanges,
    );
  });
});
