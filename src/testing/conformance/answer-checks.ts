import { deepEqual, equal, ok } from "node:assert/strict";
import type { Answer } from "../../contract/answer.ts";
import type { ProviderTypes } from "../../contract/provider.ts";
import { StreamError } from "../../read/stream-error.ts";
import type { Check } from "./check.ts";
import { collect, type Stage, thrownBy } from "./stage.ts";
import { saying, usage, type Words } from "./steps.ts";

const greeting: Words = { text: "Hello there, you — one and all!" };

/** What must be the same of an answer, whole and streamed. */
const alike = [
  "content",
  "thinking",
  "refusal",
  "finishReasons",
  "stopReason",
  "model",
  "id",
  "tokens",
  "usage",
  "toolCalls",
  "message",
] as const satisfies readonly (keyof Answer<ProviderTypes>)[];

/** Checks that the same answer is read the same, whole and streamed. */
export async function checkAlike(stage: Stage, options: object = {}): Promise<void> {
  const whole = await stage.ask(options)();
  const stream = stage.stream(options)();
  await collect(stream);
  const put = stream.constructCallResponse();
  for (const key of alike)
    deepEqual(plain(put[key]), plain(whole[key]), `\`${key}\` of the stream is not the answer's`);
}

/** As JSON has it: what an SDK's classes add is no part of an answer. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** Plain answers, whole and streamed. */
export const answerChecks: readonly Check[] = [
  {
    name: "a whole answer has its text, stop reason, usage, tokens and model",
    steps: (model) => [saying(model, greeting)],
    async run(stage) {
      const response = await stage.ask()();
      equal(response.content, greeting.text);
      equal(response.stopReason, "stop");
      ok((response.finishReasons?.length ?? 0) > 0, "`finishReasons` is empty: it has the provider's own words");
      equal(typeof response.usage, "object", "`usage` is the provider's own object");
      deepEqual([response.inputTokens, response.outputTokens], [usage.inputTokens, usage.outputTokens]);
      ok(response.model, "`model` is what the provider echoes");
      deepEqual([response.toolCalls, response.thinking, response.refusal], [undefined, undefined, undefined]);
      equal(stage.server.requests.length, 1, "one call is one request");
    },
  },
  {
    name: "a stream comes in pieces, which are the content",
    steps: (model) => [saying(model, greeting)],
    async run(stage) {
      const steps = await collect(stage.stream()());
      const pieces = steps.map(([chunk]) => chunk.content).filter((piece) => piece !== "");
      ok(pieces.length > 1, "the text came in one piece: each event is to be read as it comes");
      equal(pieces.join(""), greeting.text);
      equal(stage.server.requests.length, 1, "one call is one request");
    },
  },
  {
    name: "a streamed answer is the whole answer",
    steps: (model) => [saying(model, greeting)],
    run: (stage) => checkAlike(stage),
  },
  {
    name: "an answer cut off by its limit says so, whole and streamed",
    steps: (model) => [saying(model, { text: "Hel", finish: "length" })],
    async run(stage) {
      equal((await stage.ask()()).stopReason, "length");
      await checkAlike(stage);
    },
  },
  {
    name: "a stream that ends early is an error, never a whole answer",
    steps: (model) => [{ ...saying(model, greeting), cutAfter: 2 }],
    async run(stage) {
      const stream = stage.stream()();
      await thrownBy("A stream that ended after two events", () => collect(stream));
      const error = await thrownBy("`constructCallResponse`", () => stream.constructCallResponse());
      ok(error instanceof StreamError, "`draft.done` is set only by the event that proves the answer whole");
    },
  },
  {
    name: "thoughts are told apart from the content, whole and streamed",
    needs: ({ thinking = false }) => thinking,
    steps: (model) => [saying(model, { thinking: "First I count.", text: "Four." })],
    async run(stage) {
      const response = await stage.ask()();
      deepEqual([response.content, response.thinking], ["Four.", "First I count."]);
      await checkAlike(stage);
    },
  },
];
