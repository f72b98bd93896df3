import { crc32 } from "node:zlib";
import type { RecordedResponse } from "./recordings.ts";
import type { Json } from "./replay.ts";

// Writes and reads Bedrock's Converse answers by itself, without the SDK and the library: what a replay is held against.

/** One event of an AWS event stream: its type, and its JSON. */
export interface WireEvent {
  readonly type: string;
  readonly data: Json;
}

/**
 * An event as a frame, https://smithy.io/2.0/aws/amazon-eventstream.html. `kind` is the message type; `data` that is a
 * string is sent as it is.
 */
export function frame(type: string, data: unknown, kind: "event" | "exception" | "error" = "event"): Uint8Array {
  const payload = Buffer.from(typeof data === "string" ? data : JSON.stringify(data));
  const name = { event: ":event-type", exception: ":exception-type", error: ":error-code" }[kind];
  const pairs = { ":message-type": kind, [name]: type, ":content-type": "application/json" };
  const said = kind === "error" ? { ":error-message": String(data) } : {};
  const headers = Buffer.concat(Object.entries({ ...pairs, ...said }).map(([key, value]) => header(key, value)));
  const bytes = Buffer.alloc(16 + headers.length + payload.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(headers.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  headers.copy(bytes, 12);
  payload.copy(bytes, 12 + headers.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

function header(key: string, value: string): Buffer {
  const [name, text] = [Buffer.from(key), Buffer.from(value)];
  // 7 is the type of a string.
  return Buffer.concat([Buffer.from([name.length]), name, Buffer.from([7, text.length >> 8, text.length & 255]), text]);
}

/** The events of a recorded stream; `p` is padding and no part of them. */
export function wireEvents(base64: string): WireEvent[] {
  const bytes = Buffer.from(base64, "base64");
  const events: WireEvent[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + bytes.readUInt32BE(start);
    const payload = start + 12 + bytes.readUInt32BE(start + 4);
    const headers = bytes.subarray(start + 12, payload);
    const at = headers.indexOf(":event-type") + ":event-type".length + 1;
    const type = headers.subarray(at + 2, at + 2 + headers.readUInt16BE(at)).toString();
    const { p: _, ...data } = JSON.parse(bytes.subarray(payload, end - 4).toString());
    events.push({ type, data });
    start = end;
  }
  return events;
}

/** What a recorded answer says. */
export interface ConverseTruth {
  readonly id: string | undefined;
  /** The assistant's message as an answer without a stream has it. */
  readonly message: { readonly role: string; readonly content: readonly Json[] };
  readonly content: string;
  readonly thinking: string;
  readonly stopReason: string;
  readonly usage: Readonly<Record<string, number>>;
  readonly toolCalls: readonly { id: string; name: string; input: unknown }[];
  readonly events: readonly WireEvent[];
}

/** The truth about a recorded answer, streamed or not. */
export function converseTruth(response: RecordedResponse): ConverseTruth {
  const events = "base64" in response ? wireEvents(response.base64) : [];
  const body =
    events.length > 0 ? unstreamed(events) : ((response as { body: unknown }).body as ReturnType<typeof unstreamed>);
  const { content } = body.output.message;
  const uses = content.map(({ toolUse }) => toolUse as Json | undefined).filter((use) => use !== undefined);
  return {
    id: response.headers["x-amzn-requestid"],
    message: body.output.message,
    content: content.map(textOf).join(""),
    thinking: content.map((block) => reach(block, "reasoningContent", "reasoningText", "text") ?? "").join(""),
    stopReason: body.stopReason,
    usage: body.usage,
    toolCalls: uses
      .filter((use) => use.type !== "server_tool_use")
      .map((use) => ({ id: String(use.toolUseId), name: String(use.name), input: use.input })),
    events,
  };
}

function textOf(block: Json): string {
  const pieces = reach(block, "citationsContent", "content") as { text: string }[] | undefined;
  return String(block.text ?? pieces?.map(({ text }) => text).join("") ?? "");
}

function reach(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], value);
}

function unstreamed(events: readonly WireEvent[]) {
  const find = (type: string) => events.find((event) => event.type === type)?.data;
  const indexes = new Set(
    events.flatMap(({ data }) => (typeof data.contentBlockIndex === "number" ? [data.contentBlockIndex] : [])),
  );
  const content = [...indexes].map((index) => block(events.filter(({ data }) => data.contentBlockIndex === index)));
  return {
    output: { message: { role: String(find("messageStart")?.role), content } },
    stopReason: String(find("messageStop")?.stopReason),
    usage: find("metadata")?.usage as ConverseTruth["usage"],
  };
}

function block(events: readonly WireEvent[]): Json {
  const all = (...path: string[]) =>
    events.map(({ data }) => reach(data, ...path)).filter((item) => item !== undefined);
  const [use] = all("start", "toolUse") as Json[];
  const text = all("delta", "text").join("");
  const citations = all("delta", "citation");
  if (use !== undefined)
    return { toolUse: { ...use, input: JSON.parse(all("delta", "toolUse", "input").join("") || "{}") } };
  if (citations.length > 0) return { citationsContent: { content: [{ text }], citations } };
  if (all("delta", "reasoningContent").length === 0) return { text };
  const [signature] = all("delta", "reasoningContent", "signature");
  const thought = all("delta", "reasoningContent", "text").join("");
  return { reasoningContent: { reasoningText: { text: thought, ...(signature !== undefined && { signature }) } } };
}
