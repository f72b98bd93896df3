import { expect } from "vitest";
import type { Call } from "../../src/call/types.ts";
import type { ProviderTypes } from "../../src/contract/provider.ts";
import type { CallResponse } from "../../src/read/response.ts";
import type { Tool } from "../../src/tools/tool.ts";
import { type ChatTruth, chatTruth, expectChat, toolsOf } from "./chat-replay.ts";
import type { Exchange, RecordedResponse } from "./recordings.ts";
import { collect, isStream, type Json, meaning, thrownBy } from "./replay.ts";
import { type ReplayServer, startReplay } from "./replay-server.ts";

// Plays recorded chat completions through our API, exchange by exchange, on whichever provider speaks this wire.

/** What a provider's replay has of its own. */
export interface ChatPlayer<P extends ProviderTypes> {
  readonly call: Call<P>;
  client(url: string): P["Client"];
  /** The recorded body as we send it. */
  expectedBody(recorded: Json): Json;
  /** What is compared of the assistant's turn that the recorded client sent back; by default all of its meaning. */
  turn?(message: Json): unknown;
  /** A recorded event as the SDK gives it; by default the very same. */
  event?(recorded: Json): Json;
  /** The truth about an answer, where the wire says it in a way of its own. */
  truth?(response: RecordedResponse): ChatTruth;
  /** Checks what was thrown; for answers that are errors, under whatever status. */
  expectFailure(error: unknown, exchange: Exchange): void;
  /** True for an answer that must be an error; by default for every status from 400. */
  fails?(exchange: Exchange): boolean;
  /** Checks what only this provider has. */
  expectMore?(response: CallResponse<P>, truth: ChatTruth, exchange: Exchange): void;
}

/** The differences every body of ours may have from a recorded one, and why. */
export const differences = {
  /** `stream: false` is what leaving it out means; we leave it out. */
  streamFlag: ({ stream, ...body }: Json): Json => (stream === true ? { ...body, stream } : body),
  /** A stream asks for its usage, which some recorded clients did not. */
  usage: (body: Json): Json =>
    body.stream ? { ...body, stream_options: { include_usage: true, ...(body.stream_options as object) } } : body,
};

/** The `openai` package writes a missing finish reason as `null`. */
export function openaiEvent(event: Json): Json {
  const choices = event.choices as Json[] | undefined;
  return choices ? { ...event, choices: choices.map((choice) => ({ finish_reason: null, ...choice })) } : event;
}

/** A request to send where the source kept none. */
const anyRequest: Json = { model: "unknown", messages: [{ role: "user", content: "?" }] };

/** Plays the exchanges as the conversation they are, and holds all of it against the recording. */
export async function playRecording<P extends ProviderTypes>(
  player: ChatPlayer<P>,
  exchanges: readonly Exchange[],
): Promise<void> {
  await using server = await startReplay(exchanges);
  const client = player.client(server.url);
  let last: CallResponse<P> | undefined;
  let sent: object[] = [];
  for (const [index, exchange] of exchanges.entries()) {
    const recorded = (exchange.request?.body as Json | undefined) ?? anyRequest;
    const next = recorded.messages as Json[];
    const goesOn = last !== undefined && next.length > sent.length;
    sent = goesOn ? continued(player, sent, last as CallResponse<P>, next) : next;
    last = await play(player, client, exchange, recorded, sent);
    if (exchange.request !== null) expectBody(player, server, index, recorded, goesOn);
  }
  server.expectAllServed();
}

function expectBody<P extends ProviderTypes>(
  player: ChatPlayer<P>,
  server: ReplayServer,
  index: number,
  recorded: Json,
  goesOn: boolean,
): void {
  const body = server.requests[index]?.body as Json;
  if (!goesOn) {
    expect(body).toEqual(player.expectedBody(recorded));
    return;
  }
  const comparable = (one: Json) => ({
    ...one,
    messages: (one.messages as Json[]).map((each) => turnOf(player, each)),
  });
  expect(comparable(body)).toEqual(comparable(player.expectedBody(recorded)));
}

function turnOf<P extends ProviderTypes>(player: ChatPlayer<P>, message: Json): unknown {
  return meaning(message.role === "assistant" && player.turn ? player.turn(message) : message);
}

/**
 * The next request's messages: what came before as this request has it (one client moves its cache marks), our own form
 * of the answer, the recorded tool results in our form.
 */
function continued<P extends ProviderTypes>(
  player: ChatPlayer<P>,
  sent: object[],
  response: CallResponse<P>,
  next: Json[],
): object[] {
  const built: object[] = [...next.slice(0, sent.length), response.messageParam];
  expect(turnOf(player, response.messageParam as Json)).toEqual(turnOf(player, next[sent.length] as Json));
  const results = next.slice(built.length).filter(({ role }) => role === "tool") as {
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

async function play<P extends ProviderTypes>(
  player: ChatPlayer<P>,
  client: P["Client"],
  exchange: Exchange,
  recorded: Json,
  messages: object[],
): Promise<CallResponse<P> | undefined> {
  const { model: asked, messages: _, stream: __, tools: declared, ...params } = recorded;
  const { response } = exchange;
  // Deployments need no model in the body, but a call of ours names one.
  const model = typeof asked === "string" ? asked : "deployment";
  const tools: readonly Tool[] | undefined = toolsOf(declared);
  const callParams = { ...params, ...(tools === undefined && declared !== undefined && { tools: declared }) };
  const options = { client, callParams: callParams as Partial<P["Params"]>, tools: tools ?? [] };
  const prompt = () => ({ messages: messages as P["Message"][] });
  const stream = isStream(response);
  const run = async () => {
    if (!stream) return await (player.call(model, options as object, prompt as never)() as Promise<CallResponse<P>>);
    return readWhole(player, model, options, prompt, response);
  };
  if (player.fails?.(exchange) ?? response.status >= 400) {
    player.expectFailure(await thrownBy(run), exchange);
    return undefined;
  }
  const answer = await run();
  const truth = (player.truth ?? chatTruth)(response);
  if (!stream) expect(answer.response).toEqual((response as { body: unknown }).body);
  expectChat(answer, truth, model);
  player.expectMore?.(answer, truth, exchange);
  return answer;
}

interface Streamed<P extends ProviderTypes>
  extends AsyncIterable<[{ chunk: P["Chunk"]; content: string; thinking: string | undefined }, Tool | undefined]> {
  readonly content: string;
  constructCallResponse(): CallResponse<P>;
}

async function readWhole<P extends ProviderTypes>(
  player: ChatPlayer<P>,
  model: string,
  options: { readonly tools: readonly Tool[] },
  prompt: () => object,
  response: RecordedResponse,
): Promise<CallResponse<P>> {
  const call = player.call(model, { ...options, stream: true } as object, prompt as never) as unknown;
  const stream = (call as () => Streamed<P>)();
  const steps = await collect(stream);
  const truth = (player.truth ?? chatTruth)(response);
  expect(steps.map(([chunk]) => chunk.chunk)).toEqual(truth.events.map((event) => player.event?.(event) ?? event));
  expect(steps.map(([chunk]) => chunk.content).join("")).toBe(truth.content);
  expect(steps.map(([chunk]) => chunk.thinking ?? "").join("")).toBe(truth.reasoning);
  const emitted = steps.flatMap(([, use]) => (use === undefined ? [] : [use.name]));
  expect(emitted).toEqual(options.tools.length === 0 ? [] : truth.toolCalls.map(({ name }) => name));
  expect(stream.content).toBe(truth.content);
  return stream.constructCallResponse();
}
