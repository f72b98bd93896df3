import { describe, expect, test } from "vitest";
import { collect } from "../support/replay.ts";
import { ask, serve, streamOf } from "./lane.ts";
import { lanes } from "./lanes/index.ts";

describe.each(lanes)("$name: an own `__proto__` in callParams", (lane) => {
  // `JSON.parse` makes one of such a text: it is nobody's parameter, and no prototype either.
  const hostile = () =>
    JSON.parse(JSON.stringify(lane.native.params).replace("{", '{"__proto__":{"polluted":true},')) as object;
  const ways: readonly (readonly [string, object, object, object])[] = [
    ["of the call", { callParams: hostile() }, {}, {}],
    ["of an override", {}, { callParams: hostile() }, {}],
    ["of the prompt", {}, {}, { callParams: hostile() }],
    ["of all three", { callParams: hostile() }, { callParams: hostile() }, { callParams: hostile() }],
  ];
  test.each(ways)("%s is not sent, and nothing inherits from it", async (_, options, overrides, config) => {
    await using server = await serve(lane, { text: "ok" });
    const { client } = server;
    const write = () => ({ messages: "Hi", ...config });
    const response = await ask(lane, { client, ...options }, write).with(overrides)();
    await collect(streamOf(lane, { client, ...options }, write).with(overrides)());
    for (const request of server.requests) {
      expect(request.body).toMatchObject(lane.native.sent);
      expect(request.text).not.toContain("polluted");
    }
    for (const each of [response.callParams, response.callKwargs, {}]) {
      expect(Object.hasOwn(each, "__proto__")).toBe(false);
      expect("polluted" in each).toBe(false);
    }
  });
});
