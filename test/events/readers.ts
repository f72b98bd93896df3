import Anthropic from "@anthropic-ai/sdk";
import Groq from "groq-sdk";
import OpenAI from "openai";
import { expect } from "vitest";
import type { HttpHead } from "../../src/contract/provider.ts";
import { openaiChatEvents, openaiEvents } from "../../src/dialects/openai-sdk.ts";
import { type EventRules, readSdkEvents } from "../../src/dialects/sdk-events.ts";
import { anthropicEvents } from "../../src/providers/anthropic/events.ts";
import { groqEvents } from "../../src/providers/groq/events.ts";

// The same stream through an SDK's own reader and through ours.

interface SdkStream extends AsyncIterable<unknown> {
  readonly controller: AbortController;
}

interface Opening extends Promise<SdkStream> {
  asResponse(): Promise<Response & HttpHead>;
}

type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** One SDK and what we make of it. */
export interface EventLane {
  readonly name: string;
  readonly rules: EventRules;
  /** Asks for a stream; `fetch` may stand for the network. */
  open(baseURL: string, options?: { fetch?: Fetch; signal?: AbortSignal }): Opening;
}

const ask = { model: "m", messages: [{ role: "user" as const, content: "Hi" }], stream: true as const };

interface ClientOptions {
  readonly apiKey: string;
  readonly baseURL: string;
  readonly maxRetries: number;
  readonly logLevel: "off";
  readonly fetch?: Fetch;
}

function clientOptions(baseURL: string, fetch: Fetch | undefined): ClientOptions {
  return { apiKey: "test", baseURL, maxRetries: 0, logLevel: "off", ...(fetch && { fetch }) };
}

export const openaiLane: EventLane = {
  name: "openai",
  rules: openaiChatEvents,
  open: (baseURL, { fetch, ...options } = {}) =>
    new OpenAI(clientOptions(baseURL, fetch)).chat.completions.create(ask, options),
};

export const responsesLane: EventLane = {
  name: "openai responses",
  rules: openaiEvents,
  open: (baseURL, { fetch, ...options } = {}) =>
    new OpenAI(clientOptions(baseURL, fetch)).responses.create({ model: "m", input: "Hi", stream: true }, options),
};

export const groqLane: EventLane = {
  name: "groq",
  rules: groqEvents,
  open: (baseURL, { fetch, ...options } = {}) =>
    new Groq(clientOptions(baseURL, fetch)).chat.completions.create(ask, options),
};

export const anthropicLane: EventLane = {
  name: "anthropic",
  rules: anthropicEvents,
  open: (baseURL, { fetch, ...options } = {}) =>
    new Anthropic(clientOptions(baseURL, fetch)).messages.create({ ...ask, max_tokens: 10 }, options),
};

export const lanes = [openaiLane, responsesLane, groqLane, anthropicLane];

/** What a reader gave: its events, how it ended, and whether it closed the connection. */
export interface Outcome {
  readonly events: readonly unknown[];
  readonly error: unknown;
  readonly aborted: boolean;
}

/** Reads a stream by the one or the other reader; `leaveAfter` events the loop is left. */
export async function outcomeOf(
  lane: EventLane,
  opening: Opening,
  by: "sdk" | "own",
  leaveAfter = Number.POSITIVE_INFINITY,
): Promise<Outcome> {
  const events: unknown[] = [];
  let stream: SdkStream | undefined;
  let error: unknown;
  try {
    stream = await opening;
    const http = await opening.asResponse();
    const own = by === "own" ? readSdkEvents(stream, http, lane.rules) : undefined;
    if (by === "own" && http.body) expect(own).toBeDefined();
    for await (const event of own ?? stream) {
      events.push(event);
      if (events.length >= leaveAfter) break;
    }
  } catch (thrown) {
    error = thrown;
  }
  return { events, error, aborted: stream?.controller.signal.aborted ?? false };
}

/** Throws unless both readers gave the same. */
export function expectSame(own: Outcome, sdk: Outcome): void {
  expect(own.events).toStrictEqual(sdk.events);
  expect(own.events.map(notEnumerable)).toStrictEqual(sdk.events.map(notEnumerable));
  expect(describeError(own.error)).toStrictEqual(describeError(sdk.error));
  expect(own.aborted).toBe(sdk.aborted);
}

function notEnumerable(event: unknown): unknown {
  return typeof event === "object" && event !== null ? Object.getOwnPropertyDescriptors(event) : event;
}

/** An error as data: its class, its words and every field. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  // A socket has a port of its own.
  const fields = Object.getOwnPropertyNames(error).filter((name) => name !== "stack" && name !== "socket");
  const told = Object.fromEntries(fields.map((name) => [name, describeValue(Reflect.get(error, name))]));
  return { class: error.constructor, name: error.name, ...told };
}

function describeValue(value: unknown): unknown {
  if (value instanceof Headers) return [...value].filter(([name]) => name !== "date");
  return value instanceof Error ? describeError(value) : value;
}
