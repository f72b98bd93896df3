import { call } from "../../src/any-provider.ts";
import { loadHistory, saveHistory } from "../../src/message/history.ts";
import { Messages } from "../../src/message/message.ts";
import type { Message } from "../../src/message/parts.ts";
import type { CallResponse } from "../../src/read/response.ts";
import type { Stream } from "../../src/read/stream.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { type Tool, tool } from "../../src/tools/tool.ts";
import { ToolError } from "../../src/tools/tool-error.ts";
import { startServer, status } from "../support/fault-server.ts";
import { type Exchange, recordings } from "../support/recordings.ts";
import { isStream, type Json } from "../support/replay.ts";
import { startReplay } from "../support/replay-server.ts";
import type { Lane } from "./lanes.ts";
import { madeAnswer, madeModel } from "./made.ts";

/** What an answer does: it calls tools side by side, calls one, or speaks. */
export type Kind = "parallel" | "single" | "text";

/** A tool of this name that takes any arguments. */
export function anyTool(name: string): Tool {
  return tool({
    name,
    description: `Does ${name}.`,
    parameters: jsonSchema<object>(
      { type: "object", properties: {} },
      { validate: (value) => ({ value: value as object }) },
    ),
    call: () => "done",
  });
}

/** A call whose types do not matter to the test. */
export type Ask = (model: string, options: object, prompt: () => unknown) => Asked;
export interface Asked {
  (): Promise<CallResponse> & Stream;
  prepare(): Promise<{ readonly request: object; readonly changes: readonly string[] }>;
  with(overrides: object): Asked;
}

/** The root `call`, asked by values. */
export const ask = call as unknown as Ask;

/** An answer as the provider's own reader has it. The tools it calls are offered, whichever they are. */
export async function read(
  lane: Lane,
  client: object,
  stream: boolean,
  names: readonly string[] = [],
): Promise<CallResponse> {
  const asked = ask(`${lane.name}/${lane.models[0]}`, { client, stream, tools: names.map(anyTool) }, () => "Hi")();
  try {
    if (!stream) {
      const response = await asked;
      // Throws where it calls a tool that is not offered.
      response.tools;
      return response;
    }
    for await (const _ of asked);
    return asked.constructCallResponse();
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== "unknown_tool") throw error;
    return read(lane, client, stream, [...names, error.toolName]);
  }
}

/** The recorded answers of a provider that came whole, streamed or not. */
export async function recordedAnswers(lane: Lane, stream: boolean): Promise<Map<Kind, CallResponse>> {
  const found = new Map<Kind, CallResponse>();
  for (const folder of lane.folders) {
    for (const recording of recordings(folder, (one) => lane.speaks?.(one) ?? true)) {
      for (const exchange of recording.exchanges) {
        if (exchange.response.status >= 300 || isStream(exchange.response) !== stream) continue;
        const response = await replayed(lane, exchange, stream);
        const kind = response && kindOf(response);
        // The first of its kind, but rather one that thought.
        if (kind && (!found.has(kind) || (response.thinking && !found.get(kind)?.thinking))) found.set(kind, response);
      }
    }
  }
  return found;
}

async function replayed(lane: Lane, exchange: Exchange, stream: boolean): Promise<CallResponse | undefined> {
  // The tools that an answer calls are found one by one: each time it is asked for again.
  await using server = await startReplay(Array.from({ length: 9 }, () => exchange));
  try {
    return await read(lane, lane.client?.(server.url) ?? {}, stream);
  } catch {
    // An error inside a success is another test's affair.
    return undefined;
  }
}

function kindOf({ tools = [], content }: CallResponse): Kind | undefined {
  if (tools.length > 1) return "parallel";
  if (tools.length === 1) return "single";
  return content === "" ? undefined : "text";
}

/** A conversation that began on a provider, as another process has it from its JSON. */
export interface Begun {
  readonly messages: readonly Message[];
  /** The provider's own turns in it, as its SDK gave them. */
  readonly own: readonly object[];
}

/**
 * Begins a conversation on a provider: a system message, a question, two tool calls (or more) with their results, one
 * of them an error, a call that nobody answered, a change of mind, an answer, thanks. What it says itself is recorded,
 * or made where no recording has it.
 */
export async function begin(lane: Lane, stream: boolean): Promise<Begun> {
  const recorded = await recordedAnswers(lane, stream);
  const answer = async (kind: Kind) => recorded.get(kind) ?? (await made(lane, kind, stream));
  const [calls, orphan, said] = [await answer("parallel"), await answer("single"), await answer("text")];
  const results = (calls.tools ?? []).map((use, index) => {
    return [use, `the result ${index}`, { isError: index === 1 }] as const;
  });
  const messages = [
    Messages.system("You help with everything."),
    Messages.user("How is the weather?"),
    calls.message,
    calls.toolMessage(results),
    orphan.message,
    Messages.user("Never mind. What do you think?"),
    said.message,
    Messages.user("Thank you. And now?"),
  ];
  const saved = JSON.stringify(saveHistory(messages));
  return {
    messages: loadHistory(JSON.parse(saved)),
    own: [calls, orphan, said].map(({ messageParam }) => messageParam),
  };
}

async function made(lane: Lane, kind: Kind, stream: boolean): Promise<CallResponse> {
  if (lane.client === undefined) return read(lane, madeModel(kind), stream);
  await using server = await startServer(madeAnswer(lane.name, kind, stream));
  return await read(lane, lane.client(server.url), stream);
}

/** The body that a provider's SDK sends for a conversation; the request itself where there is no wire. */
export async function sentBody(
  lane: Lane,
  model: string,
  messages: readonly object[],
  tools: readonly string[] = [],
): Promise<Json> {
  const options = { tools: tools.map(anyTool) };
  const asked = ask(`${lane.name}/${model}`, options, () => [...messages]);
  if (lane.client === undefined) return JSON.parse(JSON.stringify((await asked.prepare()).request)) as Json;
  await using server = await startServer(status(418, { message: "What was sent is all that counts." }));
  await asked
    .with({ client: lane.client(server.url) })()
    .catch(() => undefined);
  const [request] = server.requests;
  // Nothing was sent: say why.
  if (request === undefined) await asked.prepare();
  return request?.body as Json;
}

/** The names of the tools a conversation calls. */
export function calledIn(messages: readonly Message[]): string[] {
  const parts = messages.flatMap(({ content }) => (typeof content === "string" ? [] : content));
  return [...new Set(parts.flatMap((part) => (part.type === "tool_call" ? [part.name] : [])))];
}
