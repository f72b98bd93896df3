import { ApiError, type Content, type GoogleGenAI } from "@google/genai";
import { expect } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import type { GeminiTypes } from "../../src/providers/gemini/types.ts";
import type { CallResponse } from "../../src/read/response.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { type Tool, tool } from "../../src/tools/tool.ts";
import { comparable, type Declaration, declarationsOf, expectedBody } from "./gemini-differences.ts";
import { costByHand, type GeminiTruth, geminiTruth } from "./gemini-truth.ts";
import type { Exchange } from "./recordings.ts";
import { bodyOf, collect, isStream, type Json, thrownBy } from "./replay.ts";
import { startReplay } from "./replay-server.ts";

// Plays recordings of Google's generateContent through the library, for both services.

/** The provider under test; both have the same types but for a few parameters. */
export interface Service {
  readonly call: typeof import("../../src/providers/gemini/index.ts").call;
  connect(url: string): GoogleGenAI;
}

/** Plays the exchanges in order and holds everything against the recorded bytes. */
export async function playRecording(service: Service, exchanges: readonly Exchange[], model = "gemini-test") {
  await using server = await startReplay(exchanges);
  const client = service.connect(server.url);
  let sent: Content[] = [];
  let answered: CallResponse<GeminiTypes> | undefined;
  for (const [index, exchange] of exchanges.entries()) {
    const recorded = exchange.request === null ? undefined : expectedBody(bodyOf(exchange));
    const next = (recorded?.contents ?? [{ role: "user", parts: [{ text: "Hi" }] }]) as Content[];
    const goesOn = answered !== undefined && next.length > sent.length;
    sent = goesOn ? continued(sent, answered as CallResponse<GeminiTypes>, next) : next;
    answered = await play({ service, client, exchange, recorded, sent, model: modelOf(exchange) ?? model });
    const body = server.requests[index]?.body as Json;
    if (recorded === undefined) continue;
    expect(goesOn ? comparable(body) : body).toEqual(goesOn ? comparable(recorded) : recorded);
  }
  server.expectAllServed();
}

function modelOf({ request }: Exchange): string | undefined {
  const path = request === null ? undefined : decodeURIComponent(new URL(request.url, "http://localhost").pathname);
  return path?.slice(path.lastIndexOf("/") + 1).split(":")[0];
}

interface Turn {
  readonly service: Service;
  readonly client: GoogleGenAI;
  readonly exchange: Exchange;
  readonly recorded: Json | undefined;
  readonly sent: Content[];
  readonly model: string;
}

async function play(turn: Turn): Promise<CallResponse<GeminiTypes> | undefined> {
  const { service, client, exchange, recorded, sent, model } = turn;
  const { response } = exchange;
  const { generationConfig, tools: declared = [], contents: _, ...rest } = recorded ?? {};
  const callParams = { ...(generationConfig as object | undefined), ...rest, ...nativeTools(declared) };
  const truth = response.status < 400 ? geminiTruth(response) : undefined;
  const options = { client, callParams, tools: toolsOf(declared, truth) };
  const prompt = () => ({ messages: sent });
  const streams = exchange.request?.url.includes("streamGenerateContent") ?? isStream(response);
  if (truth === undefined) {
    const work = streams
      ? () => collect(service.call(model, { ...options, stream: true }, prompt)())
      : () => service.call(model, options, prompt)();
    expectError(await thrownBy(work), response.status);
    return undefined;
  }
  if (!streams) {
    const answer = await service.call(model, options, prompt)();
    expect(answer.response.candidates?.map(({ content }) => content)).toEqual(contentsOf(response as { body: Json }));
    expectAnswer(answer, truth, model);
    return answer;
  }
  const stream = service.call(model, { ...options, stream: true }, prompt)();
  const steps = await collect(stream);
  expectSteps(steps, truth);
  const whole = stream.constructCallResponse();
  expectAnswer(whole, truth, model);
  expect(stream.content).toBe(truth.content);
  return whole;
}

function contentsOf({ body }: { readonly body: Json }): unknown[] | undefined {
  return (body.candidates as { content?: unknown }[] | undefined)?.map(({ content }) => content);
}

function nativeTools(declared: unknown): object {
  const { native } = declarationsOf(
    (declared as { functionDeclarations?: object }[]).map((entry) => ({ ...entry })) as Json[],
  );
  return native.length > 0 ? { tools: native } : {};
}

/** The declared tools as ours; and where no request was kept, one for each tool that was called. */
function toolsOf(declared: unknown, truth: GeminiTruth | undefined): Tool[] {
  const known = declarationsOf(declared as Json[]).declared;
  const called = known.length > 0 ? [] : [...new Set(truth?.toolCalls.map(({ name }) => name))];
  const all: Declaration[] = [...known, ...called.map((name) => ({ name, parametersJsonSchema: { type: "object" } }))];
  return all.map(({ name, description, parametersJsonSchema: schema }) =>
    tool({
      name,
      ...(description !== undefined && { description }),
      parameters: jsonSchema({ type: "object", properties: {}, ...schema }, { validate: (value) => ({ value }) }),
      call: (args) => args,
    }),
  );
}

/** Every SDK event once, every text once, every tool once. */
function expectSteps(steps: readonly (readonly [GeminiChunk, unknown])[], truth: GeminiTruth): void {
  const chunks = [...new Set(steps.map(([{ chunk }]) => chunk))];
  expect(
    chunks.map(({ candidates, usageMetadata, responseId }) => ({ candidates, usageMetadata, responseId })),
  ).toEqual(
    truth.events.map(({ candidates, usageMetadata, responseId }) => ({
      candidates: (candidates as Json[] | undefined)?.map(sdkCandidate),
      usageMetadata,
      responseId,
    })),
  );
  expect(steps.map(([{ content }]) => content).join("")).toBe(truth.content);
  expect(steps.map(([{ thinking = "" }]) => thinking).join("")).toBe(truth.thinking ?? "");
  const names = new Set(steps.flatMap(([, use]) => (use === undefined ? [] : [(use as { name: string }).name])));
  expect(names).toEqual(new Set(truth.toolCalls.map(({ name }) => name)));
  expect(steps.filter(([, use]) => use !== undefined)).toHaveLength(truth.toolCalls.length);
}

interface GeminiChunk {
  readonly chunk: { readonly candidates?: object[]; readonly usageMetadata?: object; readonly responseId?: string };
  readonly content: string;
  readonly thinking: string | undefined;
}

/** On the way to a chunk the SDK drops what it does not know of a candidate: `finishMessage` on the Gemini API. */
function sdkCandidate({ finishMessage: _, ...candidate }: Json): unknown {
  return expect.objectContaining(candidate);
}

function expectAnswer(answer: CallResponse<GeminiTypes>, truth: GeminiTruth, asked: string): void {
  expect(answer.content).toBe(truth.content);
  expect(answer.thinking).toBe(truth.thinking);
  expect(answer.finishReasons).toEqual(truth.finishReasons);
  expect(answer.id).toBe(truth.id);
  expect(answer.model).toBe(truth.model ?? asked);
  expect(answer.usage).toEqual(truth.usage);
  expect(answer.inputTokens).toBe(truth.inputTokens);
  expect(answer.outputTokens).toBe(truth.outputTokens);
  expect(answer.cachedTokens).toBe(truth.cachedTokens);
  const calls = answer.toolCalls?.map(({ id, name, input }) => ({ id, name, input })) ?? [];
  expect(calls).toEqual(truth.toolCalls);
  const signatures = (parts: readonly object[] = []) => parts.flatMap((part) => (part as Json).thoughtSignature ?? []);
  expect(signatures(answer.messageParam.parts)).toEqual(signatures(truth.parts));
  const byHand = costByHand(truth);
  if (byHand !== undefined) expect(answer.cost).toBeCloseTo(byHand, 10);
  if (truth.inputTokens === undefined) expect(answer.cost).toBeUndefined();
  const record = JSON.parse(JSON.stringify(answer)) as Json;
  expect(record.content).toBe(truth.content);
}

const errorKinds: Readonly<Record<number, string>> = {
  400: "invalid_request",
  401: "authentication",
  403: "permission",
  404: "not_found",
  429: "rate_limit",
  500: "server",
  503: "overloaded",
};

/** A wrong key is a 400 on the Gemini API; so is a prompt that is too long, on both. */
const sharperKinds: readonly (readonly [text: string, kind: string])[] = [
  ["API_KEY_INVALID", "authentication"],
  ["maximum number of tokens", "context_overflow"],
];

function expectError(error: unknown, status: number): void {
  expect(error).toBeInstanceOf(ApiError);
  const { message } = error as ApiError;
  const kind = sharperKinds.find(([text]) => message.includes(text))?.[1] ?? errorKinds[status];
  expect(classify(error)).toMatchObject({ status, kind });
}

/** The next request's messages: what was sent, our own form of the answer and of the tool results, then the recorded ones. */
function continued(sent: Content[], answered: CallResponse<GeminiTypes>, next: Content[]): Content[] {
  const turn = next[sent.length] as Content;
  expect(comparable(answered.messageParam)).toEqual(comparable(turn));
  const built = [...sent, answered.messageParam];
  const results = (next[built.length]?.parts ?? []).flatMap(({ functionResponse }) => functionResponse ?? []);
  const uses = answered.toolCalls === undefined ? undefined : answered.toolTypes && usable(answered);
  if (uses === undefined || results.length !== uses.length) return [...built, ...next.slice(built.length)];
  const own = answered.toolMessageParams(uses.map((use, index) => [use, results[index]?.response] as const));
  expect(own).toEqual([
    {
      role: "user",
      parts: uses.map(({ id, name }, index) => ({
        functionResponse: {
          ...(id !== "" && { id }),
          name,
          response: { output: JSON.stringify(results[index]?.response) },
        },
      })),
    },
  ]);
  // The result objects of the recorded clients (`{ result }`, `{ output }`, `{ name, content }`) are what was sent.
  return [...built, ...next.slice(built.length)];
}

/** The tools of an answer; `undefined` where it called one that was not offered. */
function usable(answered: CallResponse<GeminiTypes>) {
  const offered = answered.toolTypes?.map(({ name }) => name) ?? [];
  return answered.toolCalls?.every(({ name }) => offered.includes(name)) ? answered.tools : undefined;
}
