import OpenAI from "openai";
import { expect, test } from "vitest";
import * as fault from "../../test/support/fault-server.ts";
import { openai } from "../providers/openai/index.ts";

test.each([false, true])(
  "a stream that is left while its prompt is written sends nothing (layers: %s)",
  async (layered) => {
    await using server = await fault.startServer(fault.hang);
    const client = new OpenAI({ apiKey: "test", baseURL: `${server.url}/v1`, maxRetries: 0 });
    const layers = layered ? [{ stream: (request: never, next: (request: never) => never) => next(request) }] : [];
    const written = Promise.withResolvers<string>();
    const stream = openai.call("gpt-4o-mini", { client, stream: true, layers }, () => written.promise)();
    const iterator = stream[Symbol.asyncIterator]();
    const step = iterator.next();
    await iterator.return?.();
    written.resolve("Hi");
    expect(await step).toEqual({ done: true, value: undefined });
    expect(server.requests).toHaveLength(0);
  },
);
