import { Cohere, CohereClientV2 } from "cohere-ai";
import { expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { cohere } from "../../src/providers/cohere/index.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { type Tool, tool } from "../../src/tools/tool.ts";
import { camelCased, chatTruth, costByHand, type Truth } from "../support/cohere-replay.ts";
import { describeRecordings, type Exchange, type Recording } from "../support/recordings.ts";
import { bodyOf, collect, isStream, type Json, meaning, thrownBy } from "../support/replay.ts";
import { startReplay } from "../support/replay-server.ts";

// Every recording, exchange by exchange: the recorded messages and parameters through our API in the SDK's casing, the
// whole sent body and the decoded answer held against the recorded bytes.

/** What cannot be played, and why. */
export const notReplayed = [
  {
    tag: "v1",
    reason: "v1 chat: another path and body (`message`, `chat_history`), which the SDK's v2 client cannot send",
  },
] as const;

// The differences a sent body may have, and why:
const differences = {
  /** The SDK always says whether it wants a stream. */
  streamFlag: (body: Json): Json => ({ ...body, stream: body.stream ?? false }),
  /**
   * The recorded clients keep neither plan nor thoughts nor citations of an answer, write no text as an empty one, and
   * write arguments anew. We send the answer back as it came: compared to the byte with the recorded answer.
   */
  forgotten: (body: Json): unknown =>
    meaning({
      ...body,
      messages: (body.messages as Json[]).map(({ tool_plan: _, citations: __, content, ...message }) => ({
        ...message,
        content: Array.isArray(content) ? textBlocks(content) : content,
      })),
    }),
};

function textBlocks(content: readonly Json[]): readonly Json[] {
  return content.filter(({ type, text }) => type !== "thinking" && text !== "");
}

const errors: Readonly<Record<number, readonly [new (...args: never[]) => Error, string]>> = {
  400: [Cohere.BadRequestError, "invalid_request"],
  401: [Cohere.UnauthorizedError, "authentication"],
  403: [Cohere.ForbiddenError, "permission"],
  404: [Cohere.NotFoundError, "not_found"],
  422: [Cohere.UnprocessableEntityError, "invalid_request"],
  429: [Cohere.TooManyRequestsError, "rate_limit"],
  500: [Cohere.InternalServerError, "server"],
  503: [Cohere.ServiceUnavailableError, "overloaded"],
};

/** Stands in for a request that was not kept, or that v2 chat cannot send: then the answer alone is judged. */
function standIn({ response }: Exchange): Json {
  const called = response.status < 400 ? chatTruth(response).toolCalls : [];
  const tools = [...new Set(called.map(({ name }) => name))].map((name) => ({
    type: "function",
    function: { name, parameters: { type: "object", properties: {} } },
  }));
  const messages = [{ role: "user", content: "Hello" }];
  return { model: "command-a-03-2025", messages, ...(tools.length > 0 && { tools }) };
}

/** Plays one exchange; `messages` are those to send, in the recorded request's place. */
async function play(client: CohereClientV2, exchange: Exchange, recorded: Json, messages: object[]) {
  const { model, messages: _, stream: __, tools: declared, ...params } = recorded as Json & { model: string };
  const tools = toolsOf(declared);
  const native = tools === undefined && declared !== undefined ? { tools: declared } : {};
  // The recorded parameters are whatever the source sent.
  const callParams = { ...(camelCased(params) as object), ...native } as cohere.CallParams;
  const options = { client, callParams, tools: tools ?? [] };
  const prompt = () => ({ messages: messages as Cohere.ChatMessageV2[] });
  const { response } = exchange;
  if (response.status >= 400) {
    const error = await thrownBy(() => cohere.call(model, options, prompt)());
    const [expected, kind] = errors[response.status] ?? [];
    expect(error).toBeInstanceOf(expected);
    expect(classify(error)).toMatchObject({ status: response.status, kind });
    return undefined;
  }
  const truth = chatTruth(response);
  if (!isStream(response)) {
    const answer = await cohere.call(model, options, prompt)();
    expectAnswer(answer, truth, model);
    return answer;
  }
  const stream = cohere.call(model, { ...options, stream: true }, prompt)();
  const steps = await collect(stream);
  expect(steps.map(([chunk]) => chunk.chunk)).toEqual(truth.events);
  expect(steps.map(([chunk]) => chunk.content).join("")).toBe(truth.content);
  expect(steps.map(([chunk]) => chunk.thinking ?? "").join("")).toBe(truth.thinking);
  const emitted = steps.flatMap(([, use]) => (use === undefined ? [] : [{ name: use.name, id: use.id }]));
  expect(emitted).toEqual(tools === undefined ? [] : truth.toolCalls.map(({ name, id }) => ({ name, id })));
  const whole = stream.constructCallResponse();
  expectAnswer(whole, truth, model);
  expect(stream.content).toBe(truth.content);
  expect(stream.finishReasons).toEqual(whole.finishReasons);
  return whole;
}

function expectAnswer(answer: cohere.CallResponse, truth: Truth, asked: string): void {
  expect(answer.response).toEqual(truth.whole);
  expect(answer.content).toBe(truth.content);
  expect(answer.thinking ?? "").toBe(truth.thinking);
  expect(answer.finishReasons).toEqual(truth.finishReason === undefined ? undefined : [truth.finishReason]);
  expect(answer.id).toBe(truth.id);
  expect(answer.model).toBe(asked);
  expect(answer.usage).toEqual(truth.usage);
  expect(answer.inputTokens).toBe(truth.billed?.input_tokens);
  expect(answer.outputTokens).toBe(truth.billed?.output_tokens);
  const calls = answer.toolCalls?.map(({ id, name, input }) => ({ id, name, arguments: input })) ?? [];
  expect(calls).toEqual(truth.toolCalls);
  const cost = costByHand(asked, truth);
  if (cost !== undefined) expect(answer.cost).toBeCloseTo(cost, 12);
  if (truth.billed === undefined) expect(answer.cost).toBeUndefined();
  const record = JSON.parse(JSON.stringify(answer)) as Json;
  expect(record.content).toBe(truth.content);
  expect(record.inputTokens).toBe(truth.billed?.input_tokens);
}

const types: readonly unknown[] = ["string", "integer", "number", "boolean", "array", "object"];

/** Recorded declarations as tools of ours, where they are JSON Schema (some sources wrote Python's type names). */
function toolsOf(declared: unknown): Tool[] | undefined {
  if (!Array.isArray(declared)) return undefined;
  const tools: Tool[] = [];
  for (const { function: fn } of declared as { function: Json }[]) {
    const { name, description, parameters } = fn;
    const properties = Object.values(((parameters as Json).properties ?? {}) as Record<string, Json>);
    if (!properties.every(({ type }) => types.includes(type))) return undefined;
    tools.push(
      tool({
        name: name as string,
        ...(description !== undefined && { description: description as string }),
        parameters: jsonSchema(parameters as Json, { validate: (value) => ({ value }) }),
        call: (args) => args,
      }),
    );
  }
  return tools;
}

/** The next request's messages: what was sent, our own form of the answer, the recorded tool results in our form. */
function continued(sent: object[], answer: cohere.CallResponse, next: readonly Json[]): object[] {
  const built: object[] = [...sent, answer.message];
  const results = next.slice(built.length).filter(({ role }) => role === "tool");
  // Results as documents are a form of the API's own, which only native messages have: those stay the recorded ones.
  if (answer.toolTypes !== undefined && results.every(({ content }) => typeof content === "string")) {
    const outcomes = results.map(({ tool_call_id: id, content }) => {
      const use = answer.tools?.find((one) => one.id === id);
      return [use as NonNullable<typeof use>, content] as const;
    });
    const own = answer.toolMessageParams(outcomes);
    expect(own).toEqual(results.map((result) => camelCased(result)));
    built.push(...own);
  }
  return [...built, ...(camelCased(next.slice(built.length)) as object[])];
}

/** The answer on its way back is the answer that came, but for arguments that were no JSON. */
function expectRoundTrip(message: unknown, { response }: Exchange): void {
  const text = JSON.stringify(camelCased(message));
  const came = JSON.stringify((chatTruth(response).whole as { message: object }).message);
  expect(JSON.parse(text)).toEqual(JSON.parse(came.replaceAll('"arguments":""', '"arguments":"{}"')));
}

function reasonAgainst({ scenario, exchanges }: Recording): string | undefined {
  const readable = exchanges.every(({ response }) => response.status >= 400);
  return readable ? undefined : notReplayed.find(({ tag }) => scenario.includes(tag))?.reason;
}

describeRecordings("cohere", (recording) => {
  const { exchanges, scenario } = recording;
  const reason = reasonAgainst(recording);
  test.skipIf(reason !== undefined)(reason ?? "replays through the SDK", async () => {
    await using server = await startReplay(exchanges);
    const client = new CohereClientV2({ token: "test", baseUrl: server.url, maxRetries: 0 });
    let answer: cohere.CallResponse | undefined;
    let sent: object[] = [];
    for (const [index, exchange] of exchanges.entries()) {
      const alone = exchange.request === null || scenario.includes("v1");
      const recorded = alone ? standIn(exchange) : bodyOf(exchange);
      const next = recorded.messages as Json[];
      const goesOn = answer !== undefined && next.length > sent.length;
      const before = sent.length;
      sent = goesOn ? continued(sent, answer as cohere.CallResponse, next) : (camelCased(next) as object[]);
      answer = await play(client, exchange, recorded, sent);
      const body = server.requests[index]?.body as Json;
      if (alone) continue;
      const expected = differences.streamFlag(recorded);
      if (!goesOn) expect(body).toEqual(expected);
      else {
        expect(differences.forgotten(body)).toEqual(differences.forgotten(expected));
        expectRoundTrip((body.messages as unknown[])[before], exchanges[index - 1] as Exchange);
      }
    }
    server.expectAllServed();
  });
});
