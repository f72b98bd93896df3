import OpenAI from "openai";
import { expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { openai } from "../../src/providers/openai/index.ts";
import type { OpenAITypes } from "../../src/providers/openai/types.ts";
import { type ChatPlayer, differences, openaiEvent, playRecording } from "../support/chat-player.ts";
import { type ChatTruth, chatTruth } from "../support/chat-replay.ts";
import { openaiErrors, statusKinds } from "../support/openai-errors.ts";
import { describeRecordings, type Exchange, type RecordedResponse } from "../support/recordings.ts";
import { eventsOf, isStream, type Json } from "../support/replay.ts";

// Services that are not OpenAI and speak its wire: reached by `callscope/openai` with a client that has their address.

/** Perplexity puts an empty `delta` beside the message of a whole answer. */
function truth(response: RecordedResponse): ChatTruth {
  if (isStream(response) || !("body" in response)) return chatTruth(response);
  const body = response.body as { choices?: Json[] };
  const choices = body.choices?.map(({ delta, ...choice }) => choice);
  return chatTruth({ ...response, body: { ...body, choices } });
}

const isErrorStream = ({ response }: Exchange) => isStream(response) && eventsOf(response).some(({ error }) => error);

const player: ChatPlayer<OpenAITypes> = {
  call: openai.call,
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

describeRecordings("openai-compatible", ({ exchanges }) => {
  test("replays through the SDK", () => playRecording(player, exchanges));
});
