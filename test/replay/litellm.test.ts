import OpenAI from "openai";
import { expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { litellm } from "../../src/providers/litellm/index.ts";
import type { LiteLLMTypes } from "../../src/providers/litellm/types.ts";
import { type ChatPlayer, differences, openaiEvent, playRecording } from "../support/chat-player.ts";
import { openaiErrors, statusKinds } from "../support/openai-errors.ts";
import { describeRecordings } from "../support/recordings.ts";
import { isStream } from "../support/replay.ts";

const player: ChatPlayer<LiteLLMTypes> = {
  call: litellm.call,
  client: (url) => new OpenAI({ apiKey: "test", baseURL: url, maxRetries: 0 }),
  expectedBody: (recorded) => differences.usage(differences.streamFlag(recorded)),
  event: openaiEvent,
  expectFailure(error, { response: { status } }) {
    expect(error).toBeInstanceOf(openaiErrors[status] ?? OpenAI.APIError);
    if (status >= 400) expect(classify(error)).toMatchObject({ status, kind: statusKinds[status] });
  },
  expectMore(response, { model, usage }, exchange) {
    const { headers } = exchange.response;
    const told = Number(headers["x-litellm-response-cost"]);
    if (told > 0) expect(response.cost).toBe(told);
    // Without the proxy's word a price needs the vendor's name.
    else if (!model?.includes("/") && usage?.cost === undefined) expect(response.cost).toBeUndefined();
    const kept = response.head?.headers;
    expect(kept?.["x-litellm-call-id"]).toBe(headers["x-litellm-call-id"]);
    if (!isStream(exchange.response)) expect(kept?.["x-litellm-model-id"]).toBe(headers["x-litellm-model-id"]);
  },
};

describeRecordings("litellm", ({ exchanges }) => {
  test("replays through the SDK", () => playRecording(player, exchanges));
});
