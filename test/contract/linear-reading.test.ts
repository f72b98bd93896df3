import { describe, expect, test } from "vitest";
import * as bedrockWire from "../support/converse-server.ts";
import * as fault from "../support/fault-server.ts";
import { event } from "../support/gemini-server.ts";
import { type Lane, serve, streamOf } from "./lane.ts";
import { bedrockLane } from "./lanes/bedrock.ts";
import { geminiLane, vertexLane } from "./lanes/gemini.ts";
import { groqLane } from "./lanes/groq.ts";
import { networkLanes } from "./lanes/index.ts";

// What is received is appended to, never gone through again: reading an answer at each of its events costs the same at
// each. The limits are tens of times what it takes; what is quadratic takes tens of times as long as the limits.

const count = 3000;
const limit = 8_000;

/** Reads what an answer says at each event; gives the whole and the milliseconds. */
async function readAll(lane: Lane, handler: fault.Handler) {
  await using server = await serve(lane, handler);
  const stream = streamOf(lane, { client: server.client })();
  const start = performance.now();
  let seen = 0;
  for await (const _ of stream) seen += [stream.content, stream.id, stream.usage, stream.thinking].length;
  const spent = performance.now() - start;
  expect(seen).toBeGreaterThanOrEqual(count);
  return { response: stream.constructCallResponse(), spent };
}

describe.each([geminiLane, vertexLane])("$name", (lane) => {
  test("[C11] a sound of many events", async () => {
    // Neither of them a multiple of three: each ends in a padded quartet of its own.
    const pieces = Array.from({ length: count }, (_, index) => Buffer.alloc(4_000 + (index % 2), index % 251));
    const events = pieces.map((bytes) =>
      event([{ inlineData: { mimeType: "audio/L16;rate=24000", data: bytes.toString("base64") } }]),
    );
    const { response, spent } = await readAll(lane, fault.whole(fault.sse(...events, event([], "STOP"))));
    expect(Buffer.compare(response.audio ?? new Uint8Array(), Buffer.concat(pieces))).toBe(0);
    expect(spent).toBeLessThan(limit);
    // As a call without a stream gives it: one part.
    const [candidate] = (response.response as { candidates: { content: { parts: object[] } }[] }).candidates;
    expect(candidate?.content.parts).toHaveLength(1);
  });

  test("[C11] sounds of two kinds, and one with a signature, stay apart; events stay as they came", async () => {
    const part = (mimeType: string, text: string, more: object = {}) => ({
      inlineData: { mimeType, data: Buffer.from(text).toString("base64") },
      ...more,
    });
    const parts = [
      part("audio/wav", "a"),
      part("audio/wav", "b"),
      part("audio/mp3", "c"),
      part("audio/mp3", "d", { thoughtSignature: "s" }),
      part("audio/mp3", "e"),
      part("image/png", "f"),
      part("image/png", "g"),
    ];
    await using server = await serve(
      lane,
      fault.whole(fault.sse(...parts.map((one) => event([one])), event([], "STOP"))),
    );
    const stream = streamOf(lane, { client: server.client })();
    const given: unknown[] = [];
    for await (const [{ chunk }] of stream) {
      const { candidates } = chunk as { candidates?: { content?: { parts?: unknown[] } }[] };
      given.push(...(candidates?.[0]?.content?.parts ?? []));
    }
    expect(given).toEqual(parts);
    const { response, audio } = stream.constructCallResponse();
    const [candidate] = (response as { candidates: { content: { parts: object[] } }[] }).candidates;
    expect(candidate?.content.parts).toEqual([part("audio/wav", "ab"), ...parts.slice(2)]);
    expect(Buffer.from(audio ?? []).toString()).toBe("abcde");
  });
});

test("[C11] bedrock: a picture and a redacted thought of very many pieces", async () => {
  const pieces = Array.from({ length: 4 * count }, (_, index) => Buffer.alloc(1_000, index % 251));
  const frames = pieces.flatMap((bytes) => [
    bedrockWire.delta(0, { reasoningContent: { redactedContent: bytes.toString("base64") } }),
    bedrockWire.delta(1, { image: { source: { bytes: bytes.toString("base64") } } }),
  ]);
  const all = [bedrockWire.start(1, { image: { format: "png" } }), ...frames, bedrockWire.stop(0), bedrockWire.stop(1)];
  const { response, spent } = await readAll(bedrockLane, bedrockWire.events(...all, bedrockWire.messageStop()));
  expect(spent).toBeLessThan(3 * limit);
  const { content } = (response.response as { output: { message: { content: Blocks[] } } }).output.message;
  const whole = Buffer.concat(pieces);
  const picture = content.find(({ image }) => image)?.image?.source.bytes;
  const thought = content.find(({ reasoningContent }) => reasoningContent)?.reasoningContent?.redactedContent;
  for (const bytes of [picture, thought]) {
    expect(Buffer.compare(bytes ?? new Uint8Array(), whole)).toBe(0);
    // Nothing is left of the room it grew in.
    expect(bytes?.buffer.byteLength).toBe(whole.length);
  }
});

interface Blocks {
  readonly image?: { readonly source: { readonly bytes: Uint8Array } };
  readonly reasoningContent?: { readonly redactedContent: Uint8Array };
}

test("[C11] groq: a text whose thoughts are to be told apart", async () => {
  const { opening, closing } = groqLane.script({ text: "" });
  const piece = "a thought that goes on and on, ".repeat(8);
  const { pieces } = groqLane.script({ text: `<think>${piece.repeat(count / 12)}</think>${piece}` });
  const { response, spent } = await readAll(groqLane, fault.whole([...opening, ...pieces, ...closing] as string[]));
  expect([response.content, response.thinking]).toEqual([piece, piece.repeat(count / 12)]);
  expect(spent).toBeLessThan(3 * limit);
});

describe.each(networkLanes)("$name", (lane) => {
  test("[C11] a text of many events", async () => {
    const text = "word ".repeat(count);
    const { opening, pieces, closing } = lane.script({ text });
    const { response, spent } = await readAll(lane, fault.whole([...opening, ...pieces, ...closing]));
    expect(response.content).toBe(text);
    expect(spent).toBeLessThan(limit);
  });
});
