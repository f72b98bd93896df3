import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import * as fault from "../support/fault-server.ts";
import {
  anthropicLane,
  type EventLane,
  expectSame,
  groqLane,
  openaiLane,
  outcomeOf,
  responsesLane,
} from "./readers.ts";

// Every fault of a server through the SDK's reader and ours. The events are written by hand: what is compared is what the
// two make of the same bytes, whatever they say.

const chunk = (content: string) => ({ id: "1", choices: [{ index: 0, delta: { content } }] });
const chat = fault.sse(chunk("Hello"), chunk(" thére 👋"), chunk("!"), "[DONE]");
const named = (events: readonly { readonly type: string }[]) =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
const messages = named([
  { type: "message_start" },
  { type: "ping" },
  ...["Hello", " thére 👋"].map((text) => ({ type: "content_block_delta", delta: { text } })),
  { type: "message_stop" },
]);
const items = named(["response.created", "response.output_text.delta", "response.completed"].map((type) => ({ type })));

const lanes: readonly (readonly [string, EventLane, readonly string[], string])[] = [
  ["openai", openaiLane, chat, fault.errorEvents.openai],
  ["openai responses", responsesLane, items, `event: error\ndata: {"type":"error","code":"c","message":"no"}\n\n`],
  ["groq", groqLane, chat, fault.errorEvents.groq],
  ["anthropic", anthropicLane, messages, fault.errorEvents.anthropic],
];

const page = "<html><body>Sign in to the network</body></html>";

describe.each(lanes)("%s", (_, lane, events, error) => {
  test.each<[string, fault.Handler]>([
    ["nothing wrong", fault.whole(events)],
    ["an orderly end too early", fault.cleanCut(events, 1)],
    ["no event", fault.whole([])],
    ["an empty body", fault.emptyBody200],
    ["a page", fault.html200],
    ["a page that says it is a stream", fault.status(200, page, { "content-type": "text/event-stream" })],
    ["JSON", fault.emptyObject200],
    ["null", fault.null200],
    ["no content", fault.status(204, "")],
    ["a broken connection", fault.reset(events, 2)],
    ["a body that is too short", fault.shortLength(events, 2)],
    ["an error event", fault.errorEvent(events, 1, error)],
    ["an error event at once", fault.errorEvent(events, 0, error)],
    ["an error without a name", fault.errorEvent(events, 1, fault.errorEvents.openai)],
    ["an error of another provider", fault.errorEvent(events, 1, fault.errorEvents.anthropic)],
    ["an event that is no JSON", fault.badJsonEvent(events, 1)],
    ["bytes one by one", fault.splitBytes(events)],
    ["bytes by three", fault.splitBytes(events, 3)],
    ["CR LF", fault.crlf(events)],
    ["CR LF, bytes one by one", fault.splitBytes(events.map((event) => event.replaceAll("\n", "\r\n")))],
    ["comments", fault.comments(events)],
    ["a byte order mark", fault.bom(events)],
    ["no [DONE]", fault.noDone(events)],
    ["gzip", fault.gzip(events)],
    ["several lines of data", fault.whole([`${events[0]?.replace("{", "{\ndata: ")}`, ...events.slice(1)])],
    ["the last empty line left out", fault.whole([...events.slice(0, -2), `${events.at(-2)?.trimEnd()}`])],
    ["events behind [DONE]", fault.whole([...events, "data: [DONE]\n\n", ...events])],
    ["a break behind [DONE]", fault.reset([...events, "data: [DONE]\n\n"], events.length + 1)],
    ["a refusal", fault.status(429, { error: { message: "no" } }, { "retry-after": "2" })],
    ["a destroyed connection", fault.disconnect],
  ])("%s", async (_, handler) => {
    await using server = await fault.startServer(handler);
    const sdk = await outcomeOf(lane, lane.open(`${server.url}/v1`), "sdk");
    const own = await outcomeOf(lane, lane.open(`${server.url}/v1`), "own");
    expectSame(own, sdk);
  });

  test.each(["sdk", "own"] as const)("leaving the loop closes the connection (%s)", async (by) => {
    await using server = await fault.startServer(fault.streamStall(events, 3));
    const outcome = await outcomeOf(lane, lane.open(`${server.url}/v1`), by, 1);
    expect(outcome).toMatchObject({ error: undefined, aborted: true });
    await server.clientClosed;
  });

  test("an abort ends it as the SDK ends it, and closes the connection", async () => {
    const outcomes = [];
    for (const by of ["sdk", "own"] as const) {
      await using server = await fault.startServer(fault.streamStall(events, 3));
      const controller = new AbortController();
      const opening = lane.open(`${server.url}/v1`, { signal: controller.signal });
      void opening.then(() => delay(40)).then(() => controller.abort(new Error("enough")));
      outcomes.push(await outcomeOf(lane, opening, by));
      await server.clientClosed;
    }
    const [sdk, own] = outcomes;
    if (own === undefined || sdk === undefined) throw new Error("Two readers have two outcomes.");
    expect(sdk.events.length).toBeGreaterThan(1);
    expectSame(own, sdk);
  });
});
