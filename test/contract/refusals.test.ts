import { describe, expect, test } from "vitest";
import { z } from "zod";
import { classify } from "../../src/errors/classify.ts";
import { isCallscopeError, ResponseError } from "../../src/errors/errors.ts";
import { StreamError } from "../../src/read/stream-error.ts";
import * as fault from "../support/fault-server.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, askFor, serve, streamOf } from "./lane.ts";
import { networkLanes } from "./lanes/index.ts";

const bodies = {
  "{}": fault.emptyObject200,
  null: fault.null200,
  "[]": fault.emptyArray200,
  "no body": fault.emptyBody200,
  HTML: fault.html200,
  "cut JSON": fault.cutJson200,
};

describe.each(networkLanes)("$name: refusals", (lane) => {
  // checklist: 61, 95
  // faults: 1, 2, 4, 8
  test.each([
    [401, "authentication"],
    [403, "permission"],
    [404, "not_found"],
    [422, "invalid_request"],
    [429, "rate_limit"],
    [500, "server"],
    [529, "overloaded"],
  ])("%i is the SDK's own error, once, whatever the call was for", async (status, kind) => {
    await using server = await serve(lane, lane.error(status, { "retry-after": "2" }));
    const { client } = server;
    const runs = [
      ask(lane, { client }),
      () => collect(streamOf(lane, { client })()),
      askFor(lane, { client, responseModel: z.object({ a: z.string() }) }),
      askFor(lane, { client, outputParser: () => "never" }),
    ];
    for (const run of runs) {
      const error = await thrownBy(run);
      expect(error).toBeInstanceOf(lane.errorClass(status));
      expect(classify(error)).toMatchObject({ kind, status });
      expect(classify(error).retryAfterMs).toBe(lane.traits.retryAfter ? 2000 : undefined);
      expect(isCallscopeError(error)).toBe(false);
    }
    expect(server.requests).toHaveLength(runs.length);
  });

  // faults: 7
  test.each([
    [502, "server", fault.html502],
    [503, "overloaded", fault.text503],
  ])("%i from a gateway keeps its status", async (status, kind, handler) => {
    await using server = await serve(lane, handler);
    for (const run of [
      ask(lane, { client: server.client }),
      () => collect(streamOf(lane, { client: server.client })()),
    ]) {
      expect(classify(await thrownBy(run))).toMatchObject({ status, kind, retryable: true });
    }
  });

  // faults: 25, 26, 27
  test.each(Object.entries(bodies))("a success that is none is an error: %s", async (name, handler) => {
    await using server = await serve(lane, handler);
    const { client } = server;
    const error = await thrownBy(ask(lane, { client }));
    const own = lane.bodyErrors?.[name];
    if (own === undefined) expect(error).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject(own === undefined ? { provider: lane.provider.name } : { name: own });
    expect(classify(error).kind).toBe("malformed");
    if (own === undefined) expect((error as Error).message.length).toBeLessThan(1000);

    const stream = streamOf(lane, { client })();
    const broken = await thrownBy(() => collect(stream));
    expect(["malformed", "connection"]).toContain(classify(broken).kind);
    expect(() => stream.constructCallResponse()).toThrow(StreamError);
  });

  // checklist: 69
  // faults: 28, 35
  test("an answer without a word is one if it says why it ends", async () => {
    await using server = await serve(lane, { text: "" });
    const response = await ask(lane, { client: server.client })();
    expect(response).toMatchObject({ content: "", stopReason: "stop" });
    expect(response.messageParam).toBeTypeOf("object");
  });

  // faults: 22
  test("a port nobody listens on, and a connection that breaks at once", async () => {
    const client = lane.client(await fault.closedPort());
    await using server = await serve(lane, fault.disconnect);
    for (const at of [client, server.client]) {
      for (const run of [ask(lane, { client: at }), () => collect(streamOf(lane, { client: at })())]) {
        const error = await thrownBy(run);
        expect(error).toBeInstanceOf(Error);
        expect(classify(error)).toMatchObject({ kind: "connection", retryable: true });
      }
    }
    expect(server.requests).toHaveLength(2);
    (client as { destroy?: () => void }).destroy?.();
  });
});
