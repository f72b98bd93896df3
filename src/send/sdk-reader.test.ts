import OpenAI from "openai";
import { expect, test, vi } from "vitest";
import * as fault from "../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { ConfigError } from "../errors/errors.ts";
import { openai } from "../providers/openai/index.ts";
import { type ScopeOverrides, within } from "./scope.ts";
import { sdkReader } from "./sdk-reader.ts";

// What tells the readers apart: of an event that is no JSON the SDK's writes to the client's log, ours does not.
const chunk = { id: "1", choices: [{ index: 0, delta: { content: "Hello" } }] };

async function logged(make: (client: OpenAI) => OpenAI, overrides: ScopeOverrides = {}): Promise<boolean> {
  const logger = { error: vi.fn(), warn: vi.fn(), info: vi.fn(), debug: vi.fn() };
  await using server = await fault.startServer(fault.badJsonEvent(fault.sse(chunk), 1));
  const client = make(new OpenAI({ apiKey: "test", baseURL: `${server.url}/v1`, maxRetries: 0, logger }));
  const say = openai.call("gpt-4o-mini", { client, stream: true }, () => "Hi");
  const stream = within(overrides, say);
  expect(await thrownBy(() => collect(stream))).toMatchObject({ code: "stream_broken", partial: { content: "Hello" } });
  return logger.error.mock.calls.length > 0;
}

const same = (client: OpenAI) => client;

test("streams are read by us, unless the client or the scope says otherwise", async () => {
  expect(await logged(same)).toBe(false);
  expect(await logged(sdkReader)).toBe(true);
  expect(await logged(same, { reader: "sdk" })).toBe(true);
  expect(await within({ reader: "sdk" }, () => logged(same, { reader: null }))).toBe(false);
});

test("the client is the same one, and another is not changed", async () => {
  const client = new OpenAI({ apiKey: "test" });
  expect(sdkReader(client)).toBe(client);
  expect(Object.keys(client)).toEqual(Object.keys(new OpenAI({ apiKey: "test" })));
});

test.each([undefined, null, "client"])("%s is no client", (client) => {
  expect(() => sdkReader(client as unknown as object)).toThrow(ConfigError);
});

test("a reader is the SDK's or ours", () => {
  // @ts-expect-error: there is no such reader
  expect(() => within({ reader: "own" }, () => 1)).toThrow('`reader` is "sdk" or null');
  // Nor is it an override of one call.
  expect(() => openai.call("gpt-4o-mini", () => "Hi").with({ reader: "sdk" })).toThrow(ConfigError);
});

test("what somebody watches through the SDK's stream is still read through it", async () => {
  await using server = await fault.startServer(fault.whole(fault.sse(chunk, { ...chunk, choices: [] }, "[DONE]")));
  const client = new OpenAI({ apiKey: "test", baseURL: `${server.url}/v1`, maxRetries: 0 });
  const { create } = client.chat.completions;
  const seen: unknown[] = [];
  const watched = (...args: unknown[]) => {
    const sent = Reflect.apply(create, client.chat.completions, args);
    const { parse } = sent;
    sent.parse = async () => {
      const stream = await parse.call(sent);
      const iterate = stream[Symbol.asyncIterator].bind(stream);
      stream[Symbol.asyncIterator] = async function* watch() {
        for await (const event of { [Symbol.asyncIterator]: iterate }) {
          seen.push(event);
          yield event;
        }
      };
      return stream;
    };
    return sent;
  };
  client.chat.completions.create = watched as typeof create;
  const stream = openai.call("gpt-4o-mini", { client, stream: true }, () => "Hi")();
  await thrownBy(() => collect(stream));
  expect(stream.content).toBe("Hello");
  expect(seen).toEqual([
    { ...chunk, choices: [{ ...chunk.choices[0], finish_reason: null }] },
    { ...chunk, choices: [] },
  ]);
});
