import OpenAI from "openai";
import { expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { responses } from "../../src/providers/openai/index.ts";
import { describeRecordings, type Exchange, type Recording } from "../support/recordings.ts";
import { bodyOf, collect, isStream, type Json, meaning, thrownBy } from "../support/replay.ts";
import { startReplay } from "../support/replay-server.ts";
import { expectResponse, ownTools, responseTruth } from "../support/responses-replay.ts";

// Every recording, exchange by exchange: the recorded input items and parameters through our API, the whole sent body and
// the decoded answer held against the recorded bytes. The differences a sent body may have, and why:
const differences = {
  /** `stream: false` is what leaving it out means; we leave it out. */
  streamFlag: ({ stream, ...body }: Json): Json => (stream === true ? { ...body, stream } : body),
  /** A text as the input is one user message; we always send the list. */
  textInput: (body: Json): Json => (typeof body.input === "string" ? { ...body, input: itemsOf(body) } : body),
  /** A stored prompt has a model of its own; a call of ours names one, which wins over it. */
  storedModel: (body: Json): Json => ({ model: unnamed, ...body }),
};

/** The model of requests that name none, and of recordings that kept no request. */
const unnamed = "o4-mini";

const expectedBody = (recorded: Json): Json =>
  differences.storedModel(differences.textInput(differences.streamFlag(recorded)));

function itemsOf({ input = [] }: Json): object[] {
  return typeof input === "string" ? [{ role: "user", content: input }] : (input as object[]);
}

/** Recordings without a request: their answers are given to a call of our own and decoded like all others. */
const withoutRequest: Readonly<Record<string, string>> = {
  "openai-responses--response-only-openai-custom-tool-1-chunks": "the source kept the events only",
  "openai-responses--response-only-openai-mcp-tool-approval-1": "the source kept the body only",
};

type Turns = (items: readonly Json[]) => readonly unknown[];

/** How the recorded clients sent an answer back, where that is not as it came; applied to their items and to ours. */
const clients: Readonly<Record<string, Turns>> = {
  /** ellmer and chatlas match a result by the item's id, in place of the call's; neither id nor status is sent back. */
  "openai-responses--chat-tools-callbacks": (items) => items.map(({ id, status, call_id, ...item }) => item),
  "openai-responses--test-chat-tool-request-reject": (items) => items.map(({ id, status, call_id, ...item }) => item),
  /** pydantic-ai sends the thoughts of `output_item.done`, encrypted anew in the last event, and leaves out sources. */
  "openai-responses--test-openai-responses-model-web-search-tool-stream": (items) =>
    items.map(({ encrypted_content, action, ...item }) =>
      action === undefined ? item : { ...item, action: { ...(action as Json), sources: undefined } },
    ),
  /** pydantic-ai writes the search call anew, in a form of its own, and leaves out its output and the call's status. */
  "openai-responses--test-openai-native-tool-search-streaming": (items) =>
    items.filter(({ type }) => !String(type).startsWith("tool_search")).map(({ status, ...item }) => item),
  /** ruby_llm sends back what a call needs, neither its id nor its status. */
  "azure-openai--providers-azure-responses-a-gpt-5-6-deployment-calls-tools-which-this-mo": (items) =>
    items.map(({ id, status, ...item }) => item),
};

/** The errors the recorded statuses become, by the codes that came with them. */
const errors: Readonly<Record<number, readonly [new (...args: never[]) => Error, kind: string]>> = {
  400: [OpenAI.BadRequestError, "not_found"],
  401: [OpenAI.AuthenticationError, "authentication"],
};

/** Plays one exchange with these messages. */
async function play(client: OpenAI, exchange: Exchange, messages: object[]) {
  const body = exchange.request === null ? {} : bodyOf(exchange);
  const { model = unnamed, input: _, stream: __, tools: declared, ...params } = body as Json & { model?: string };
  const tools = ownTools(declared);
  // Where the source kept no request, the tools it offered are taken from the call it got.
  const native = exchange.request === null ? [{ type: "custom", name: "write_sql" }] : declared;
  const callParams = { ...params, ...(tools === undefined && native !== undefined && { tools: native }) };
  const options = { client, callParams: callParams as responses.CallParams, tools: tools ?? [] };
  // No message at all is written as a turn of nothing: a stored prompt needs none.
  const written = messages.length > 0 ? messages : [{ role: "assistant", output: [] }];
  const prompt = () => ({ messages: written as OpenAI.Responses.ResponseInputItem[] });
  const { response } = exchange;
  if (response.status >= 400) {
    const error = await thrownBy(() => responses.call(model, options, prompt)());
    const [errorClass, kind] = errors[response.status] ?? [];
    expect(error).toBeInstanceOf(errorClass);
    expect(classify(error)).toMatchObject({ status: response.status, kind });
    return undefined;
  }
  const truth = responseTruth(response);
  if (!isStream(response)) {
    const answer = await responses.call(model, options, prompt)();
    expectResponse(answer, truth);
    return answer;
  }
  const stream = responses.call(model, { ...options, stream: true }, prompt)();
  const steps = await collect(stream);
  expect(steps.map(([chunk]) => chunk.chunk)).toEqual(truth.events);
  expect(steps.map(([chunk]) => chunk.content).join("")).toBe(truth.content);
  expect(steps.map(([chunk]) => chunk.thinking ?? "").join("")).toBe(truth.reasoning);
  const emitted = steps.flatMap(([, use]) => (use === undefined ? [] : [use]));
  expect(
    emitted.map(({ name, id, toolCall }) => ({ name, id, input: "arguments" in toolCall && toolCall.arguments })),
  ).toEqual(tools === undefined ? [] : truth.toolCalls.map(({ name, id, input }) => ({ name, id, input })));
  const whole = stream.constructCallResponse();
  expectResponse(whole, truth);
  expect(stream.content).toBe(truth.content);
  expect(stream.finishReasons).toEqual(whole.finishReasons);
  return whole;
}

/** The next request's messages: what was sent, our form of the answer and of the recorded tool results, then the rest. */
function continued(sent: object[], response: responses.CallResponse, next: readonly Json[]): object[] {
  const built: object[] = [...sent, response.messageParam];
  const results = next.filter(({ type }) => type === "function_call_output");
  const outcomes = results.map(({ output }, index) => {
    const call = response.toolCalls?.[index];
    return { call: call as NonNullable<typeof call>, output: output as string, isError: false };
  });
  built.push(...responses.provider.toolMessages(outcomes));
  const last = next.at(-1);
  return last !== undefined && results.length === 0 ? [...built, last] : built;
}

function describeReplays({ id, exchanges }: Recording): void {
  test("replays through the SDK", async () => {
    await using server = await startReplay(exchanges);
    const client = new OpenAI({ apiKey: "test", baseURL: server.url, maxRetries: 0 });
    let answer: responses.CallResponse | undefined;
    let sent: object[] = [];
    for (const [index, exchange] of exchanges.entries()) {
      if (exchange.request === null) {
        expect(withoutRequest).toHaveProperty(id);
        await play(client, exchange, [{ role: "user", content: "Hi" }]);
        continue;
      }
      const recorded = bodyOf(exchange);
      const next = itemsOf(recorded);
      const before = sent.length;
      const goesOn = answer !== undefined && next.length > before;
      sent = goesOn ? continued(sent, answer!, next.slice(before) as Json[]) : next;
      answer = await play(client, exchange, sent);
      const body = server.requests[index]?.body as Json;
      if (goesOn) expectSame(body, expectedBody(recorded), before, clients[id]);
      else expect(body).toEqual(expectedBody(recorded));
    }
    server.expectAllServed();
  });
}

/** The bodies are the same, and the turns that are new in them mean the same. */
function expectSame(body: Json, recorded: Json, before: number, turns: Turns = (items) => items): void {
  const { input, ...rest } = body;
  const { input: recordedInput, ...recordedRest } = recorded;
  expect(rest).toEqual(recordedRest);
  const [ours, theirs] = [input as Json[], recordedInput as Json[]];
  expect(ours.slice(0, before)).toEqual(theirs.slice(0, before));
  expect(meaning(turns(ours.slice(before)))).toEqual(meaning(turns(theirs.slice(before))));
}

describeRecordings("openai-responses", describeReplays);
describeRecordings("azure-openai", describeReplays, ({ scenario }) => scenario.includes("responses-api"));
