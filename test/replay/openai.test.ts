import OpenAI from "openai";
import { expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { openai } from "../../src/providers/openai/index.ts";
import type { Tool } from "../../src/tools/tool.ts";
import { chatTruth, costByHand, expectChat, toolsOf } from "../support/chat-replay.ts";
import { describeRecordings, type Exchange } from "../support/recordings.ts";
import { bodyOf, collect, isStream, type Json, meaning, thrownBy } from "../support/replay.ts";
import { startReplay } from "../support/replay-server.ts";

// Every recording, exchange by exchange: the recorded messages and parameters through our API, the whole sent body and
// the decoded answer held against the recorded bytes. The differences a sent body may have, and why:
const differences = {
  /** `stream: false` is what leaving it out means; we leave it out. */
  streamFlag: ({ stream, ...body }: Json): Json => (stream === true ? { ...body, stream } : body),
  /** A stream asks for its usage, which some recorded clients did not. */
  usage: (body: Json): Json =>
    body.stream ? { ...body, stream_options: { include_usage: true, ...(body.stream_options as object) } } : body,
  /** A tool message has no `name` in today's API; older clients wrote one. */
  toolName: (body: Json): Json => ({
    ...body,
    messages: (body.messages as Json[]).map(({ name, ...message }) =>
      message.role === "tool" || name === undefined ? message : { ...message, name },
    ),
  }),
};

const expectedBody = (recorded: Json): Json => differences.usage(differences.streamFlag(recorded));

/** The errors the recorded statuses become. */
const errorClasses: Readonly<Record<number, new (...args: never[]) => Error>> = {
  400: OpenAI.BadRequestError,
  401: OpenAI.AuthenticationError,
  404: OpenAI.NotFoundError,
  429: OpenAI.RateLimitError,
  500: OpenAI.InternalServerError,
};
const errorKinds: Readonly<Record<number, string>> = {
  400: "invalid_request",
  401: "authentication",
  404: "not_found",
  429: "rate_limit",
  500: "server",
};

interface Played {
  readonly response: openai.CallResponse;
}

/** Plays one exchange; `messages` are those to send, in the recorded request's place. */
async function play(client: OpenAI, exchange: Exchange, messages: object[]): Promise<Played | undefined> {
  const { model, messages: _, stream: __, tools: declared, ...params } = bodyOf(exchange) as Json & { model: string };
  const tools: readonly Tool[] | undefined = toolsOf(declared);
  const callParams = { ...params, ...(tools === undefined && declared !== undefined && { tools: declared }) };
  const options = { client, callParams: callParams as openai.CallParams, tools: tools ?? [] };
  const prompt = () => ({ messages: messages as OpenAI.ChatCompletionMessageParam[] });
  const { response } = exchange;
  if (response.status >= 400) {
    const error = await thrownBy(() => openai.call(model, options, prompt)());
    expect(error).toBeInstanceOf(errorClasses[response.status]);
    expect(classify(error)).toMatchObject({ status: response.status, kind: errorKinds[response.status] });
    return undefined;
  }
  const truth = chatTruth(response);
  if (!isStream(response)) {
    const answer = await openai.call(model, options, prompt)();
    expect(answer.response).toEqual((response as { body: unknown }).body);
    expectChat(answer, truth, model);
    expectCost(answer, truth);
    return { response: answer };
  }
  const stream = openai.call(model, { ...options, stream: true }, prompt)();
  const steps = await collect(stream);
  expect(steps.map(([chunk]) => chunk.chunk)).toEqual(truth.events);
  expect(steps.map(([chunk]) => chunk.content).join("")).toBe(truth.content);
  const emitted = steps.flatMap(([, use]) => (use === undefined ? [] : [use]));
  expect(emitted.map(({ name, id }) => ({ name, id }))).toEqual(
    tools === undefined ? [] : truth.toolCalls.map(({ name, id }) => ({ name, id })),
  );
  const whole = stream.constructCallResponse();
  expectChat(whole, truth, model);
  expectCost(whole, truth);
  expect(stream.content).toBe(truth.content);
  expect(stream.finishReasons).toEqual(whole.finishReasons);
  return { response: whole };
}

function expectCost(response: openai.CallResponse, truth: ReturnType<typeof chatTruth>): void {
  const byHand = costByHand(truth);
  if (byHand !== undefined) expect(response.cost).toBeCloseTo(byHand, 10);
}

/** The next request's messages: what was sent, our own form of the answer, the recorded tool results in our form. */
function continued(sent: object[], played: Played, next: object[]): object[] {
  const { response } = played;
  const built: object[] = [...sent, response.messageParam];
  expect(meaning(response.messageParam)).toEqual(meaning(next[sent.length]));
  const results = next.slice(built.length).filter((message) => (message as Json).role === "tool") as {
    tool_call_id: string;
    content: string;
  }[];
  if (results.length > 0 && response.toolTypes !== undefined) {
    const outcomes = results.map(({ tool_call_id, content }) => {
      const use = response.tools?.find(({ id }) => id === tool_call_id);
      return [use as NonNullable<typeof use>, content] as const;
    });
    const own = response.toolMessageParams(outcomes);
    expect(own).toEqual(results.map(({ tool_call_id, content }) => ({ role: "tool", tool_call_id, content })));
    built.push(...own);
  }
  return [...built, ...next.slice(built.length)];
}

describeRecordings("openai", ({ exchanges }) => {
  test("replays through the SDK", async () => {
    await using server = await startReplay(exchanges);
    const client = new OpenAI({ apiKey: "test", baseURL: server.url, maxRetries: 0 });
    let played: Played | undefined;
    let sent: object[] = [];
    for (const [index, exchange] of exchanges.entries()) {
      const recorded = bodyOf(exchange);
      const next = recorded.messages as object[];
      const goesOn = played !== undefined && next.length > sent.length;
      sent = goesOn ? continued(sent, played as Played, next) : next;
      played = await play(client, exchange, sent);
      if (goesOn)
        expect(meaning(differences.toolName(server.requests[index]?.body as Json))).toEqual(
          meaning(differences.toolName(expectedBody(recorded))),
        );
      else expect(server.requests[index]?.body).toEqual(expectedBody(recorded));
    }
    server.expectAllServed();
  });
});
