import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { ConfigError, isCallscopeError } from "../../src/errors/errors.ts";
import { Messages } from "../../src/message/message.ts";
import { promptTemplate, withMetadata } from "../../src/prepare/prompt.ts";
import { tool } from "../../src/tools/tool.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, askFor, type Json, secret, serve, streamOf } from "./lane.ts";
import { lanes } from "./lanes/index.ts";
import { localLane } from "./lanes/local.ts";

const now = tool({ name: "now", description: "Tells the time.", call: () => "noon" });
const later = tool({ name: "later", description: "Waits.", call: () => "then" });

describe.each(lanes)("$name: configuration", (lane) => {
  const { params, sent } = lane.native;

  // checklist: 37, 44, 47, 48, 49, 50
  test("a prompt decides about everything: messages, tools, parameters, metadata, client", async () => {
    await using server = await serve(lane, { text: "static" });
    await using other = await serve(lane, { text: "dynamic" });
    const config = {
      messages: [Messages.system("Be brief."), Messages.user("Really?")],
      tools: [later],
      callParams: params,
      metadata: { topic: "b" },
      client: other.client,
    };
    const write = withMetadata({ topic: "a" }, () => config);
    const response = await ask(lane, { client: server.client, tools: [now] }, write)();
    expect(response.content).toBe("dynamic");
    expect(server.requests).toHaveLength(0);
    expect(other.body()).toMatchObject(sent);
    expect(other.turns().map(({ text }) => text)).toEqual(["Be brief.", "Really?"]);
    expect(other.requests[0]?.text).toContain('"later"');
    expect(other.requests[0]?.text).not.toContain('"now"');
    expect(response).toMatchObject({ metadata: { topic: "b" }, callParams: params, dynamicConfig: config });
    expect(response.toolTypes).toEqual([later]);
  });

  // checklist: 5, 31, 82
  test("a template takes computed fields; the response shows where it came from", async () => {
    await using server = await serve(lane, { text: "ok" });
    const write = promptTemplate("USER: {genre}, {mood}!", ({ genre }: { genre: string }) => ({
      computedFields: { mood: genre.length > 3 ? "long" : "short" },
    }));
    const args = Object.freeze({ genre: "fantasy" });
    const response = await ask(lane, { client: server.client }, write)(args);
    expect(server.turns().map(({ role, text }) => [role, text])).toEqual([["user", "fantasy, long!"]]);
    expect(response.promptTemplate).toBe("USER: {genre}, {mood}!");
    expect(response.fnArgs).toEqual([{ genre: "fantasy" }]);
  });

  // checklist: 41, 44
  test("dynamic parameters go over static ones, and `undefined` erases none", async () => {
    await using server = await serve(lane, { text: "ok" });
    const nothing = Object.fromEntries(Object.keys(params).map((key) => [key, undefined]));
    const options = { client: server.client, callParams: params };
    await ask(lane, options, () => ({ messages: "Hi", callParams: nothing }))();
    await ask(lane, options).with({ callParams: nothing })();
    for (const index of [0, 1]) expect(server.body(index)).toMatchObject(sent);
  });

  // checklist: 45, 47
  test("model and messages are no parameters, unknown keys no configuration", async () => {
    for (const key of ["model", "messages"]) {
      const callParams = { [key]: "x" };
      for (const run of [
        () => ask(lane, { callParams }),
        () => ask(lane).with({ callParams }),
        () => ask(lane, {}, () => ({ messages: "Hi", callParams })).prepare(),
      ]) {
        const error = await thrownBy(run);
        expect(error).toBeInstanceOf(ConfigError);
        expect(String(error)).toContain(`"${key}"`);
      }
    }
    expect(await thrownBy(() => ask(lane, { temperature: 1 }))).toBeInstanceOf(ConfigError);
    const unknown = await thrownBy(() => ask(lane, {}, () => ({ messages: "Hi", temperature: 1 })).prepare());
    expect(isCallscopeError(unknown)).toBe(true);
    expect(String(unknown)).toContain('"temperature"');
  });

  // checklist: 53
  test("a client of another provider is refused by name", async () => {
    for (const client of [{}, null, "client", ...lane.foreign]) {
      for (const run of [ask(lane, { client }), () => collect(streamOf(lane, { client })())]) {
        const error = await thrownBy(run);
        expect(error).toBeInstanceOf(ConfigError);
        expect(String(error)).toContain(`callscope/${lane.subpath}`);
      }
    }
  });

  // checklist: 50, 64
  // faults: 23
  test("calls at the same time share nothing", async () => {
    await using one = await serve(lane, { text: "one" });
    await using two = await serve(lane, { text: "two" });
    const asked = ask(lane, { client: one.client }, (name: string, client?: object) => ({
      messages: `I am ${name}.`,
      metadata: { name },
      ...(client && { client }),
    }));
    const runs = Array.from({ length: 8 }, (_, index) => {
      return asked(`${index}`, index % 2 === 1 ? two.client : undefined);
    });
    const responses = await Promise.all(runs);
    for (const [index, response] of responses.entries()) {
      expect(response.content).toBe(index % 2 === 1 ? "two" : "one");
      expect(response.fnArgs[0]).toBe(`${index}`);
      expect(response.metadata).toEqual({ name: `${index}` });
      const bodies = [...one.requests, ...two.requests].filter(({ text }) => text.includes(`I am ${index}.`));
      expect(bodies.map(({ body }) => lane.turns(body as Json).length)).toEqual([1]);
    }
    expect([one.requests.length, two.requests.length]).toEqual([4, 4]);
  });

  // checklist: 63, 66
  test("the prompt runs once, before anything is sent, and may be async", async () => {
    await using server = await serve(lane, { text: "ok" });
    let runs = 0;
    const asked = ask(lane, { client: server.client }, async (name: string) => {
      runs++;
      expect(server.requests).toHaveLength(0);
      return `I am ${name}.`;
    });
    await asked("Ada");
    expect([runs, server.turns()[0]?.text]).toEqual([1, "I am Ada."]);
    const failed = ask(lane, { client: server.client }, () => Promise.reject(new RangeError("mine")));
    expect(await thrownBy(failed)).toEqual(new RangeError("mine"));
    expect(server.requests).toHaveLength(1);
  });

  // checklist: 65
  test("headers of one call are sent, with a stream too", async () => {
    await using server = await serve(lane, { text: "ok" });
    const headers = { "x-trace": "t-1" };
    if (lane === localLane) {
      const error = await thrownBy(ask(lane, { client: server.client }).with({ headers }));
      expect(error).toMatchObject({ code: "unsupported", provider: "local", feature: "headers" });
      return;
    }
    await ask(lane, { client: server.client }).with({ headers })();
    await collect(streamOf(lane, { client: server.client }).with({ headers })());
    expect(server.requests.map((request) => request.headers["x-trace"])).toEqual(["t-1", "t-1"]);
  });
});

describe.each(lanes)("$name: what is told", (lane) => {
  // checklist: 82, 83
  test("a prepared call is data: it is sent in another process and comes to the same", async () => {
    const options = { tools: [now], callParams: lane.native.params };
    const prepared = await ask(lane, options).prepare();
    expect(prepared).toMatchObject({ provider: lane.provider.name, model: lane.model, callParams: lane.native.params });
    expect(prepared.estimatedInputTokens).toBeGreaterThan(0);
    const stored = JSON.parse(JSON.stringify(prepared)) as typeof prepared;
    await using server = await serve(lane, { text: "ok" });
    const { client } = server;
    const response = await ask(lane, { ...options, client })();
    await lane.provider.create(client, stored.request, {});
    expect(server.body(1)).toEqual(server.body(0));
    expect(response.callKwargs).toEqual(prepared.request);
    expect(response.messages).toEqual(prepared.messages);
  });

  // checklist: 90
  // faults: 66
  test("a response is JSON with everything in it, and no key anywhere", async () => {
    const toolCalls = [{ id: "call_1", name: "now", args: "{}" }];
    await using server = await serve(lane, { text: "Let me see.", toolCalls });
    const options = { client: server.client, tools: [now] };
    const stream = streamOf(lane, options)();
    await collect(stream);
    const response = await ask(lane, options)();
    for (const each of [response, stream.constructCallResponse()]) {
      const told = JSON.parse(JSON.stringify(each)) as object;
      expect(told).toMatchObject({
        provider: lane.provider.name,
        model: lane.model,
        id: lane.id,
        content: "Let me see.",
        inputTokens: 10,
        outputTokens: 5,
        cost: each.cost,
        finishReasons: each.finishReasons,
        toolCalls: [{ name: "now" }],
      });
    }
    const prepared = await ask(lane, options).prepare();
    for (const each of [response, stream, response.message, response.tools, prepared]) {
      expect(JSON.stringify(each)).not.toContain(secret);
      expect(inspect(each, { depth: 12 })).not.toContain(secret);
    }
    // What we throw ourselves, a whole response attached, has none either.
    const fail = () => {
      throw new Error("no");
    };
    const own = await thrownBy(askFor(lane, { client: server.client, outputParser: fail }));
    expect(isCallscopeError(own)).toBe(true);
    expect(inspect(own, { depth: 12 })).not.toContain(secret);
  });
});
