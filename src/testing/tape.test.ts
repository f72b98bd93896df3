import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { ask, serve, streamOf } from "../../test/contract/lane.ts";
import { bedrockLane } from "../../test/contract/lanes/bedrock.ts";
import { lanes, networkLanes } from "../../test/contract/lanes/index.ts";
import { completion, startChat } from "../../test/support/chat-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { classify } from "../errors/classify.ts";
import { ConfigError } from "../errors/errors.ts";
import { bedrock } from "../providers/bedrock/index.ts";
import { openai } from "../providers/openai/index.ts";
import { within } from "../send/scope.ts";
import { tool } from "../tools/tool.ts";
import { answer, fake, noRequests, type Tape, tape } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "callscope-tape-"));
let count = 0;
let file = "";

beforeEach(() => {
  vi.stubEnv("CI", "");
  file = join(folder, "tapes", `${++count}.jsonl`);
  return () => vi.unstubAllEnvs();
});

afterAll(() => rmSync(folder, { recursive: true }));

const said = { text: "Hello there, you!", toolCalls: [{ id: "call00001", name: "count", args: '{"title":"Dune"}' }] };
const counting = tool({ name: "count", parameters: z.object({ title: z.string() }), call: () => "1" });
const tools = [counting];
const hi = (text: string) => text;

describe.each(lanes)("$name: a tape", (lane) => {
  test("records once and gives the same for ever, whole and streamed, without a client", async () => {
    const record = tape(file);
    const { response, stream, chunks } = await (async () => {
      await using server = await serve(lane, said);
      const { client } = server;
      const response = await ask(lane, { client, tools, layers: [record] })();
      const stream = streamOf(lane, { client, tools, layers: [record] })();
      const chunks = (await collect(stream)).map(([{ chunk }]) => chunk);
      expect(server.requests).toHaveLength(2);
      return { response, stream: stream.constructCallResponse(), chunks };
    })();
    expect([record.recorded, record.replayed]).toEqual([2, 0]);
    const play = tape(file, { mode: "replay" });
    await within({ layers: [play, noRequests()] }, async () => {
      const again = await ask(lane, { tools })();
      expect(again.response).toEqual(response.response);
      expect(Object.getPrototypeOf(again.response)).toBe(Object.getPrototypeOf(response.response));
      for (const key of ["content", "id", "toolCalls", "tokens", "cost", "head", "messageParam"] as const) {
        expect([key, again[key]]).toEqual([key, response[key]]);
      }
      const streamed = streamOf(lane, { tools })();
      const events = (await collect(streamed)).map(([{ chunk }]) => chunk);
      expect(events).toEqual(chunks);
      expect(Object.getPrototypeOf(events[0])).toBe(Object.getPrototypeOf(chunks[0]));
      const folded = streamed.constructCallResponse();
      for (const key of ["content", "id", "toolCalls", "tokens", "cost", "head", "messageParam"] as const) {
        expect([key, folded[key]]).toEqual([key, stream[key]]);
      }
    });
    expect([play.recorded, play.replayed]).toEqual([0, 2]);
    play.done();
  });
});

describe.each(networkLanes)("$name: a tape", (lane) => {
  test("gives the provider's error again, of its own class, with how long to wait", async () => {
    const handler = lane.error(429, { "retry-after": "3" });
    const record = tape(file);
    const errors = await (async () => {
      await using server = await serve(lane, handler);
      const { client } = server;
      const options = { client, layers: [record] };
      return [await thrownBy(() => ask(lane, options)()), await thrownBy(() => collect(streamOf(lane, options)()))];
    })();
    const play = tape(file, { mode: "replay" });
    const client = lane.client("http://127.0.0.1:9");
    const again = [
      await thrownBy(() => ask(lane, { client, layers: [play] })()),
      await thrownBy(() => collect(streamOf(lane, { client, layers: [play] })())),
    ];
    for (const [index, error] of again.entries()) {
      expect(Object.getPrototypeOf(error)).toBe(Object.getPrototypeOf(errors[index]));
      expect(classify(error)).toEqual(classify(errors[index]));
    }
  });
});

describe("a tape", () => {
  const say = openai.call("gpt-4o-mini", hi);

  test("says what differs from the nearest recording", async () => {
    const record = tape(file);
    const model = fake(["one", "two"]);
    await within({ layers: [record, model] }, async () => {
      await say("Recommend a fantasy book");
      await say("Something else altogether");
    });
    const play = tape(file, { mode: "replay" });
    const error = await thrownBy(() => say.with({ layers: [play] })("Recommend a horror book"));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toBe(
      [
        `${file} has no recording of this request (openai, gpt-4o-mini).`,
        "The nearest is recording 1; it differs in:",
        "  messages[0].content".replace("messages", "request.messages"),
        '    - recorded "Recommend a fantasy book"',
        '    + asked    "Recommend a horror book"',
        'Record it with { mode: "auto" }.',
      ].join("\n"),
    );
    const other = say.with({ layers: [play], callParams: { temperature: 0.5 } });
    expect(((await thrownBy(() => other("Recommend a fantasy book"))) as Error).message).toContain(
      "  request.temperature\n    - recorded (absent)\n    + asked    0.5",
    );
    expect(() => play.done()).toThrow("2 recordings were not asked for: 1, 2");
  });

  test("gives repeated and concurrent requests in the order in which they were asked", async () => {
    const model = fake([answer({ text: "slow", delay: 30 }), "quick", "third"]);
    const asked = async () => {
      const pair = await Promise.all([say("x"), say("x")]);
      return [...pair, await say("x")].map(({ content }) => content);
    };
    expect(await within({ layers: [tape(file), model] }, asked)).toEqual(["slow", "quick", "third"]);
    const play = tape(file, { mode: "replay" });
    expect(await within({ layers: [play] }, asked)).toEqual(["slow", "quick", "third"]);
    const once = await thrownBy(() => say.with({ layers: [play] })("x"));
    expect((once as Error).message).toContain("It was recorded 3 times, and asked once more.");
  });

  test("records nothing where CI is set, and is made anew in the mode record", async () => {
    vi.stubEnv("CI", "true");
    const model = fake(["one", "two", "three"]);
    const error = await thrownBy(() => within({ layers: [tape(file), model] }, () => say("x")));
    expect((error as Error).message).toContain("There is none at all on it.\nWhere CI is set nothing is recorded");
    expect(() => tape(file, { mode: "record" })).toThrow("nothing is recorded where CI is set");
    expect(model.requests).toHaveLength(0);
    vi.stubEnv("CI", "");
    for (const text of ["one", "two"]) {
      const recorded = await within({ layers: [tape(file, { mode: "record" }), model] }, () => say("x"));
      expect(recorded.content).toBe(text);
    }
    vi.stubEnv("CI", "true");
    expect((await within({ layers: [tape(file)] }, () => say("x"))).content).toBe("two");
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(5);
    vi.stubEnv("CI", "");
    const more = tape(file, { mode: "record" });
    await within({ layers: [more, fake(["other", "again", "and again"])] }, () =>
      Promise.all(["y", "x", "x"].map((text) => say(text))),
    );
    const play = tape(file, { mode: "replay" });
    const texts = await within({ layers: [play] }, () => Promise.all(["y", "x", "x"].map((text) => say(text))));
    expect(texts.map(({ content }) => content)).toEqual(["other", "again", "and again"]);
    play.done();
  });

  test("stands beside others: each call has its own", async () => {
    const [one, two] = [tape(`${file}.1`), tape(`${file}.2`)];
    const model = fake((request) => (JSON.stringify(request.prepared.request).includes("left") ? "L" : "R"));
    const both = (layers: [typeof one, typeof two]) =>
      Promise.all([
        within({ layers: [layers[0]] }, () => say("left")),
        within({ layers: [layers[1]] }, () => say("right")),
      ]);
    await within({ layers: [model] }, () => both([one, two]));
    const play: [typeof one, typeof two] = [
      tape(`${file}.1`, { mode: "replay" }),
      tape(`${file}.2`, { mode: "replay" }),
    ];
    expect((await both(play)).map(({ content }) => content)).toEqual(["L", "R"]);
    for (const each of play) each.done();
  });

  test("is read line by line, and holds no key, whoever wrote it, whole or in pieces", async () => {
    vi.stubEnv("SHOP_API_KEY", "correct-horse-battery");
    const secrets = ["sk-proj-abcdefghijkl", "AKIAABCDEFGHIJKLMNOP", "correct-horse-battery", "hunter22"];
    const text = `Use ${secrets[0]} or ${secrets[1]}, ${secrets[2]}.`;
    const login = tool({
      name: "log_in",
      parameters: z.object({ user: z.string(), password: z.string() }),
      call: () => "in",
    });
    const call = { name: "log_in", args: { user: "ann", password: "hunter22" } };
    const model = fake([
      answer({ text, toolCalls: [call] }),
      answer({ text: ["key sk-pr", "oj-abcde", "fghijkl!"], toolCalls: [call] }),
    ]);
    const told = openai.call("gpt-4o-mini", { tools: [login] }, hi);
    const streamed = openai.call("gpt-4o-mini", { stream: true, tools: [login] }, hi);
    const redact = (value: unknown, path: readonly (string | number)[]) =>
      path.at(-1) === "user" || value === "Ann Smith" ? "[name]" : value;
    const both = async (layers: object[]) =>
      within({ layers: layers as never }, async () => {
        const whole = await told.with({ callParams: { user: "ann@example.com" } })(text);
        const stream = streamed("Ann Smith");
        await collect(stream);
        return [whole.content, stream.content];
      });
    expect(await both([tape(file, { redact }), model])).toEqual([text, "key sk-proj-abcdefghijkl!"]);
    const written = readFileSync(file, "utf8");
    for (const secret of [...secrets, "ann@example.com", "Ann Smith"]) expect(written).not.toContain(secret);
    expect(written).not.toMatch(/sk-pr|oj-abcde|fghijkl/);
    const lines = written
      .trimEnd()
      .split("\n")
      .map((line) => Object.keys(JSON.parse(line)));
    expect(lines.slice(0, 5)).toEqual([["format", "version"], ["ask"], ["head"], ["end"], ["ask"]]);
    // What is asked is scrubbed likewise, so that the recording is found.
    const play = tape(file, { mode: "replay", redact });
    expect(await both([play])).toEqual(["Use [redacted] or [redacted], [redacted].", "key [redacted]!"]);
    expect(readFileSync(file, "utf8")).toBe(written);
  });

  test("keeps bytes, and a stream that was left as far as it was read", async () => {
    const bytes = new Uint8Array([0, 255, 7]);
    const events = [
      { messageStart: { role: "assistant" } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { redactedContent: bytes } } } },
      { contentBlockDelta: { contentBlockIndex: 1, delta: { text: "one" } } },
      { contentBlockDelta: { contentBlockIndex: 1, delta: { text: "two" } } },
    ];
    const client = {
      send: async () => ({ stream: ReadableStream.from(events), $metadata: { requestId: "r1" } }),
    } as unknown as BedrockRuntimeClient;
    const image = { format: "png", source: { bytes } } as const;
    const look = bedrock.call(bedrockLane.model, { stream: true, client }, () => [
      { role: "user" as const, content: [{ image }] },
    ]);
    const read = async (layer: Tape, most: number) => {
      const seen: object[] = [];
      const stream = look.with({ layers: [layer] })();
      for await (const [{ chunk }] of stream) {
        seen.push(chunk);
        if (seen.length === most) break;
      }
      return { seen, id: stream.id };
    };
    expect(await read(tape(file), 3)).toEqual({ seen: events.slice(0, 3), id: "r1" });
    expect(readFileSync(file, "utf8")).toContain('"bytes":{"$bytes":"AP8H"}');
    expect(await read(tape(file, { mode: "replay" }), 3)).toEqual({ seen: events.slice(0, 3), id: "r1" });
    const error = await thrownBy(() => read(tape(file, { mode: "replay" }), 9));
    expect(error).toMatchObject({ message: expect.stringContaining("was left after 3 events") });
  });

  test("is refused where it is none", async () => {
    expect(() => tape("")).toThrow("takes the path of a file");
    expect(() => tape("x", { mod: "auto" } as never)).toThrow('no option "mod"');
    expect(() => tape("x", { mode: "rec" as never })).toThrow('"replay", "record" or "auto"');
    for (const [text, why] of [
      ["{}", "a tape begins with"],
      ["nonsense", "it is no JSON"],
      ['{"format":"callscope/tape","version":2}', "of version 2"],
      ['{"format":"callscope/tape","version":1}\n{"ask":{"number":1}}', "its last exchange has no end"],
      ['{"format":"callscope/tape","version":1}\n{"what":1}', "none of ask, head, event and end"],
    ] as const) {
      writeFileSync(join(folder, "bad.jsonl"), text);
      const error = await thrownBy(() => say.with({ layers: [tape(join(folder, "bad.jsonl"))] })("x"));
      expect((error as Error).message).toContain(why);
    }
  });

  test("passes on what is no answer of the provider, and writes nothing of it", async () => {
    await using server = await startChat(completion({ content: "late" }));
    const stop = AbortSignal.abort();
    await thrownBy(() => say.with({ client: server.client, layers: [tape(file)], signal: stop })("x"));
    expect(() => readFileSync(file)).toThrow("ENOENT");
  });
});

describe("noRequests", () => {
  test("refuses what would leave, before any client is made, and lets pass what is answered", async () => {
    const say = openai.call("gpt-4o-mini", hi);
    const streamed = openai.call("gpt-4o-mini", { stream: true }, hi);
    await within({ layers: [noRequests()] }, async () => {
      const error = await thrownBy(() => say("x"));
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).toContain("a request to openai, gpt-4o-mini was about to leave");
      expect(await thrownBy(() => collect(streamed("x")))).toBeInstanceOf(ConfigError);
      expect((await say.with({ layers: [fake(["ok"])] })("x")).content).toBe("ok");
      expect((await within({ layers: null }, () => within({ layers: [fake(["in"])] }, () => say("x")))).content).toBe(
        "in",
      );
    });
  });
});
