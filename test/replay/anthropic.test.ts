import Anthropic from "@anthropic-ai/sdk";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { anthropic } from "../../src/providers/anthropic/index.ts";
import { expectMessage, messageTruth, toolsOf, turnMeaning } from "../support/anthropic-replay.ts";
import { clientAt } from "../support/anthropic-server.ts";
import { framesOf, invokeClient, modelOf } from "../support/bedrock-invoke.ts";
import { describeRecordings, type Exchange, type RecordedResponse } from "../support/recordings.ts";
import { bodyOf, collect, eventsOf, isStream, type Json, thrownBy } from "../support/replay.ts";
import { startReplay } from "../support/replay-server.ts";
import type { ServedRequest } from "../support/server.ts";

// Every recording, exchange by exchange: the recorded messages and parameters through our API, the whole sent body and
// the decoded answer held against the recorded bytes. Those of the beta endpoint go through the ordinary one with the
// recorded `anthropic-beta` header: the path and the bodies are the same, only the query `?beta=true` is missing.

/** Recordings that are not replayed, by id, and why. */
export const notReplayed: Readonly<Record<string, string>> = {
  "bedrock-invoke--anthropic-invoke-stream": "It is of the Text Completions API (`prompt`), which the SDK has no more.",
};

/** The differences a sent body may have, and why. */
const differences = {
  /** `stream: false` is what leaving it out means; we leave it out. */
  streamFlag: ({ stream, ...body }: Json): Json => (stream === true ? { ...body, stream } : body),
  /** A string where a message should be, which the API refused to the recorded client, is a user's text with us. */
  strings: (body: Json): Json => ({
    ...body,
    messages: (body.messages as unknown[]).map((message) =>
      typeof message === "string" ? { role: "user", content: message } : message,
    ),
  }),
};

const expectedBody = (recorded: Json): Json => differences.strings(differences.streamFlag(recorded));

/** What recorded clients left out when they sent an answer back, against the API's advice for thoughts. */
const leftOut: Readonly<Record<string, readonly string[]>> = {
  "anthropic--anthropic-tool--2": ["thinking"],
  "anthropic--testanthropicnativetoolcalling-test-anthropic-parallel-native-tool-calli": ["text"],
};

const errorClasses: Readonly<Record<number, new (...args: never[]) => Error>> = {
  400: Anthropic.BadRequestError,
  401: Anthropic.AuthenticationError,
  404: Anthropic.NotFoundError,
};
const errorKinds: Readonly<Record<number, string>> = {
  400: "invalid_request",
  401: "authentication",
  404: "not_found",
};

// The SDK announces on the console, at each call, that some of the recorded models are deprecated.
beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => {}));
afterEach(() => vi.restoreAllMocks());

/** The documents of an answer: the events of a stream, or the one body. */
function documentsOf(response: RecordedResponse): Json[] {
  if ("base64" in response) return framesOf(response.base64);
  return isStream(response) ? eventsOf(response) : [(response as { body: Json }).body];
}

interface Turn {
  readonly model: string;
  readonly messages: readonly object[];
  /** The rest of the recorded body. */
  readonly params: Json;
}

/** Plays one exchange: the whole answer, or nothing where the API refused. */
async function play(client: Anthropic, exchange: Exchange, { model, messages, params }: Turn) {
  const { response, request } = exchange;
  const { tools: declared, ...rest } = params;
  const tools = toolsOf(declared);
  const callParams = { ...rest, ...(tools === undefined && declared !== undefined && { tools: declared }) };
  const options = { client, callParams: callParams as anthropic.CallParams, tools: tools ?? [] };
  const prompt = () => ({ messages: messages as Anthropic.MessageParam[] });
  const beta = request?.headers["anthropic-beta"];
  // A time limit, as the SDK refuses to wait for very long answers without one.
  const sending = { timeout: 10_000, ...(beta !== undefined && { headers: { "anthropic-beta": beta } }) };
  if (response.status >= 400) {
    const stream = anthropic.call(model, { ...options, stream: true }, prompt).with(sending);
    const whole = anthropic.call(model, options, prompt).with(sending);
    const error = await thrownBy(() => (isStreamed(exchange) ? collect(stream()) : whole()));
    expect(error).toBeInstanceOf(errorClasses[response.status]);
    // One account was out of credit when it was recorded; a 400 says so in words alone.
    const kind = String(error).includes("credit balance is too low") ? "quota" : errorKinds[response.status];
    expect(classify(error)).toMatchObject({ status: response.status, kind });
    return undefined;
  }
  const truth = messageTruth(documentsOf(response));
  if (!isStream(response)) {
    const answer = await anthropic.call(model, options, prompt).with(sending)();
    expectMessage(answer, truth);
    return answer;
  }
  const stream = anthropic.call(model, { ...options, stream: true }, prompt).with(sending)();
  const steps = await collect(stream);
  expect(steps.map(([chunk]) => chunk.chunk)).toEqual(truth.events);
  expect(steps.map(([chunk]) => chunk.content).join("")).toBe(truth.content);
  expect(steps.map(([chunk]) => chunk.thinking ?? "").join("")).toBe(truth.thinking);
  const uses = steps.flatMap(([chunk, use]) => (use === undefined ? [] : [{ use, at: chunk.chunk.type }]));
  expect(uses.map(({ use: { id, name, args }, at }) => ({ id, name, input: args, at }))).toEqual(
    tools === undefined ? [] : truth.toolCalls.map((call) => ({ ...call, at: "content_block_stop" })),
  );
  const answer = stream.constructCallResponse();
  expectMessage(answer, truth);
  expect([stream.content, stream.finishReasons]).toEqual([answer.content, answer.finishReasons]);
  return answer;
}

function isStreamed({ request }: Exchange): boolean {
  const streams = request?.url.endsWith("/invoke-with-response-stream") ?? false;
  return streams || (request?.body as Json | undefined)?.stream === true;
}

/** The next request's messages: what was sent, our own form of the answer and of the tool results, and what follows. */
function goOn(sent: readonly object[], response: anthropic.CallResponse, next: readonly object[]): object[] {
  const built = [...sent, response.messageParam];
  const results = (next[built.length] as { content?: unknown } | undefined)?.content;
  const isResult = (block: Json) => block.type === "tool_result" && typeof block.content === "string";
  if (response.toolTypes !== undefined && Array.isArray(results) && results.length > 0 && results.every(isResult)) {
    const outcomes = results.map(({ tool_use_id, content }) => {
      const use = response.tools?.find(({ id }) => id === tool_use_id);
      return [use as NonNullable<typeof use>, content] as const;
    });
    built.push(...response.toolMessageParams(outcomes));
  }
  return [...built, ...next.slice(built.length)];
}

/** Compares conversations by what they mean, but for the blocks the recorded client left out. */
function expectSameTurns(ours: readonly object[], recorded: readonly object[], id: string): void {
  const dropped = Object.hasOwn(leftOut, id) ? (leftOut[id] ?? []) : [];
  const turns = ours.map(turnMeaning).map(({ role, content }) => {
    const kept = content.filter((block) => role !== "assistant" || !dropped.includes((block as Json).type as string));
    return { role, content: kept.length > 0 ? kept : content };
  });
  expect(turns).toEqual(recorded.map(turnMeaning));
}

/** The recorded request, or what stands for one where the source kept none. */
function turnOf(exchange: Exchange): Turn {
  const body = exchange.request === null ? inventedBody(exchange.response) : bodyOf(exchange);
  const { model, messages, stream: _, anthropic_version: __, ...params } = body;
  return { model: String(model ?? modelOf(exchange) ?? "claude"), messages: messages as object[], params };
}

function inventedBody(response: RecordedResponse): Json {
  const { toolCalls } = messageTruth(documentsOf(response));
  const tools = toolCalls.map(({ name }) => ({ name, input_schema: { type: "object" } }));
  return { messages: [{ role: "user", content: "Hi" }], tools };
}

for (const provider of ["anthropic", "bedrock-invoke"] as const) {
  describeRecordings(
    provider,
    ({ id, exchanges }) => {
      test("replays through the SDK", async () => {
        await using server = await startReplay(exchanges);
        const client = provider === "anthropic" ? clientAt(server.url) : invokeClient(server.url);
        let answer: anthropic.CallResponse | undefined;
        let sent: readonly object[] = [];
        for (const [index, exchange] of exchanges.entries()) {
          const turn = turnOf(exchange);
          const goesOn = answer !== undefined && turn.messages.length > sent.length;
          sent = goesOn ? goOn(sent, answer as anthropic.CallResponse, turn.messages) : turn.messages;
          answer = await play(client, exchange, { ...turn, messages: sent });
          const request = server.requests[index];
          expect(request?.headers["anthropic-beta"]).toBe(exchange.request?.headers["anthropic-beta"]);
          if (exchange.request === null) continue;
          const { messages, ...body } = (request as ServedRequest).body as Json;
          const { messages: recorded, ...expected } = expectedBody(bodyOf(exchange));
          expect(body).toEqual(expected);
          if (goesOn) expectSameTurns(messages as object[], recorded as object[], id);
          else expect(messages).toEqual(recorded);
        }
        server.expectAllServed();
      });
    },
    ({ id }) => !Object.hasOwn(notReplayed, id),
  );
}
