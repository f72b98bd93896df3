import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { Exchange, RecordedResponse } from "./recordings.ts";

/** Plain JSON, as it lies in a recording. */
export type Json = { readonly [key: string]: unknown };

/** The recorded request body; throws where the source kept none. */
export function bodyOf(exchange: Exchange): Json {
  const body = exchange.request?.body;
  if (typeof body !== "object" || body === null) throw new Error("This exchange kept no request body.");
  return body as Json;
}

/** The JSON documents of a recorded event stream, in order; `[DONE]` and comments are no events. */
export function eventsOf(response: RecordedResponse): Json[] {
  if (!("text" in response)) throw new Error("This response is no event stream.");
  return response.text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line.startsWith("data:") && line !== "data: [DONE]" && line !== "data:[DONE]")
    .map((line) => JSON.parse(line.slice(5)) as Json);
}

/** True for a successful answer that came as a stream. */
export function isStream(response: RecordedResponse): boolean {
  const type = response.headers["content-type"] ?? "";
  return (
    response.status < 400 && (type.includes("event-stream") || type.includes("eventstream") || "base64" in response)
  );
}

/**
 * What a body means, whoever wrote it: without `null`, `undefined` and empty members, text parts as the one text they
 * are, JSON in text as its value. For comparing our requests with those of another client.
 */
export function meaning(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaning);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [
        key,
        meaning(key === "arguments" ? parsed(item) : key === "content" ? joined(item) : item),
      ])
      .filter(([, item]) => item !== null && item !== undefined && item !== "" && !isDeepStrictEqual(item, [])),
  );
}

function parsed(value: unknown): unknown {
  try {
    return typeof value === "string" ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}

function joined(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const plain = content.every((part) => isDeepStrictEqual(Object.keys(part).sort(), ["text", "type"]));
  return plain ? content.map(({ text }) => text).join("") : content;
}

/** Freezes a value and everything in it: whoever changes it throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

/** Runs what must fail and gives what it threw. */
export async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return expect.fail("This should have thrown.");
}

/** Iterates a stream to its end and gives what it yielded. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
