import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigError } from "../../src/errors/errors.ts";
import { toolLoop } from "../../src/loop/tool-loop.ts";
import { loadHistory, saveHistory } from "../../src/message/history.ts";
import { Messages } from "../../src/message/message.ts";
import type { Message, Part } from "../../src/message/parts.ts";
import { promptTemplate } from "../../src/prepare/prompt.ts";
import type { CallResponse } from "../../src/read/response.ts";
import { tool } from "../../src/tools/tool.ts";
import { deepFreeze } from "../support/replay.ts";
import { ask, askFor, growing, type Lane, type Said, type SaidCall, type Served, serve, streamOf } from "./lane.ts";
import { lanes } from "./lanes/index.ts";

// Turns that a service gave and does not take back as they are, sent back in every way there is.

const now = tool({ name: "now", description: "Tells the time.", call: () => "noon" });
const hi = Messages.user("Hi");
const next = Messages.user("And now?");

/** An answer, whole or streamed, of what a server gives first. */
async function answerOf(lane: Lane, { client }: Served, stream: boolean, options: object = {}): Promise<CallResponse> {
  if (!stream) return await ask(lane, { client, ...options })();
  const streamed = streamOf(lane, { client, ...options })();
  for await (const _ of streamed.chunks());
  return streamed.constructCallResponse() as CallResponse;
}

/** The turn in each form in which it may come back. */
function formsOf(response: CallResponse): readonly (readonly [string, object])[] {
  const [loaded] = loadHistory(JSON.parse(JSON.stringify(saveHistory([response.message]))));
  const [bare] = loadHistory(JSON.parse(JSON.stringify(saveHistory([response.messageParam]))));
  return [
    ["messageParam", response.messageParam],
    ["message", response.message],
    ["a saved message", loaded as object],
    ["a saved messageParam", bare as object],
  ];
}

/** A whole answer, streamed too unless the wire cannot be told to stream it. */
const ways = [
  ["whole", false],
  ["streamed", true],
] as const;

/** What is sent when a conversation goes on after this turn, and what is told of it. */
async function goOn(lane: Lane, turn: object, options: object = {}) {
  await using server = await serve(lane, { text: "ok" });
  const asked = ask(lane, { client: server.client, ...options }, () => [hi, turn, next]);
  await asked();
  return { turns: server.turns(), text: server.requests[0]?.text ?? "", changes: (await asked.prepare()).changes };
}

const silence = "Answers that say nothing are left out: 1.";

describe.each(lanes)("$name: turns", (lane) => {
  describe.each(ways)("%s", (_, stream) => {
    test("[A1] an answer of nothing is left out", async () => {
      await using server = await serve(lane, {});
      const response = await answerOf(lane, server, stream);
      expect(response.content).toBe("");
      const before = JSON.stringify(response.response);
      for (const [form, turn] of formsOf(response)) {
        const { turns, changes } = await goOn(lane, deepFreeze(turn));
        expect([form, turns.filter(({ role }) => role === "assistant")]).toEqual([form, []]);
        expect(turns.map(({ text }) => text).join()).toMatch(/Hi.*And now\?/s);
        expect(changes).toEqual([silence]);
      }
      expect(JSON.stringify(response.response)).toBe(before);
    });

    test("[A1] an answer of nothing after tools, in a loop and after it", async () => {
      await using server = await serve(lane, { toolCalls: [{ id: "call_1", name: "now", args: "{}" }] }, {});
      const { client } = server;
      const make = stream ? streamOf : ask;
      // The contract's calls have no types of their own.
      const call = make(lane, { client, tools: [now] }) as unknown as Parameters<typeof toolLoop>[0];
      const result = await toolLoop(call)();
      expect(result).toMatchObject({ status: "done", response: { content: "" } });
      const history = loadHistory(JSON.parse(JSON.stringify(result.state.history)));
      await ask(lane, { client, tools: [now] }, () => [...history, next])();
      const turns = server.turns(2);
      expect(turns.filter(({ role }) => role === "assistant" && !isBridge(lane))).toHaveLength(isBridge(lane) ? 0 : 1);
      expect(JSON.stringify(turns.at(-1))).toContain("And now?");
    });

    test("[A1] an answer of nothing that is asked again", async () => {
      const Book = z.object({ title: z.string() });
      await using server = await serve(lane, {}, { text: '{"title":"Dune"}' });
      const options = { client: server.client, responseModel: Book, jsonMode: true, retries: { validation: 1 } };
      expect(await askFor(lane, options)()).toEqual({ title: "Dune" });
      const turns = server.turns(1);
      expect(turns.filter(({ role }) => role === "assistant")).toEqual([]);
      expect(JSON.stringify(turns.at(-1))).toContain("Answer again");
    });
  });

  test("[A1] a conversation of nothing but silence is refused before any request", async () => {
    await expect(ask(lane, {}, () => [Messages.assistant("")]).prepare()).rejects.toMatchObject({ name: /Error$/ });
  });
});

// Mistral lets only the assistant speak after results, so that a word of its own stands there.
function isBridge({ name }: Lane): boolean {
  return name === "mistral";
}

const blank = ["", "\n\n", " "];
const calling = (args = '{"city":"Rome"}'): readonly SaidCall[] => [{ id: "call_12345", name: "now", args }];

describe.each(lanes.filter(({ name }) => name === "anthropic" || name === "bedrock"))("$name: turns", (lane) => {
  test.each(blank)("[A2] a blank text %j beside a call is left out", async (text) => {
    const marked = JSON.stringify(lane.whole({ text: "@@", toolCalls: calling() }));
    await using server = await serve(lane, (answer) =>
      answer.send(200, { "content-type": "application/json" }, marked.replace('"@@"', JSON.stringify(text))),
    );
    const response = await answerOf(lane, server, false);
    expect(JSON.stringify(response.response)).toContain(`"text":${JSON.stringify(text)}`);
    for (const [, turn] of formsOf(response)) {
      const sent = await goOn(lane, deepFreeze(turn));
      expect(sent.text).not.toContain(`"text":${JSON.stringify(text)}`);
      expect(sent.turns[1]).toMatchObject({ role: "assistant", calls: [{ name: "now", args: { city: "Rome" } }] });
      expect(sent.changes).toContain("Blank texts of answers are left out: 1.");
    }
    expect(JSON.stringify(response.response)).toContain(`"text":${JSON.stringify(text)}`);
  });

  test("[A2] and so it is streamed", async () => {
    await using server = await serve(lane, { text: "\n\n", toolCalls: calling() });
    const response = await answerOf(lane, server, true);
    for (const [, turn] of formsOf(response)) {
      expect((await goOn(lane, turn)).text).not.toContain('"text":"\\n\\n"');
    }
  });
});

/** The lanes whose wire has arguments as text, in answers that are not streamed too. */
const textual = lanes.filter((lane) => {
  try {
    return JSON.stringify(lane.whole({ toolCalls: calling("@@") })).includes("@@");
  } catch {
    return false;
  }
});

describe.each(textual)("$name: turns", (lane) => {
  test.each([
    ["nothing", "", {}],
    ["cut JSON", '{"city": "Ro', { INVALID_JSON: '{"city": "Ro' }],
    ["no object", '"Rome"', { INVALID_JSON: '"Rome"' }],
    ["null", "null", {}],
  ])("[A4] arguments of %s go back as JSON of an object, and that is told", async (_, args, expected) => {
    await using server = await serve(lane, { toolCalls: calling(args) });
    const response = await answerOf(lane, server, false, { tools: [now] });
    expect(response.toolCalls?.[0]?.input).toBe(args);
    for (const [, turn] of formsOf(response)) {
      const { turns, changes } = await goOn(lane, deepFreeze(turn), { tools: [now] });
      expect(turns.flatMap(({ calls }) => calls.map((call) => call.args))).toEqual([expected]);
      // Cohere's empty arguments are part of its streams, and are filled where the turn is made.
      const isTold = lane.name !== "cohere" || Object.keys(expected).length > 0;
      if (isTold) expect(changes).toContain("Arguments of tool calls that are no JSON object are made one: 1.");
    }
  });
});

describe.each(lanes.filter(({ traits }) => traits.partialTools))("$name: turns", (lane) => {
  test("[A4] streamed arguments that were cut go back as JSON of an object", async () => {
    await using server = await serve(lane, { toolCalls: calling('{"city": "Ro') });
    const response = await answerOf(lane, server, true);
    for (const [, turn] of formsOf(response)) {
      const { turns, changes } = await goOn(lane, turn, { tools: [now] });
      expect(turns.flatMap(({ calls }) => calls.map(({ args }) => args))).toEqual([{ INVALID_JSON: '{"city": "Ro' }]);
      expect(changes).toContain("Arguments of tool calls that are no JSON object are made one: 1.");
    }
  });
});

describe.each(lanes)("$name: turns", (lane) => {
  test("[A4] arguments of a turn from elsewhere, too", async () => {
    const turn: Message = {
      role: "assistant",
      content: [
        { type: "text", text: "Let me see." },
        { type: "tool_call", id: "abcDEF123", name: "now", arguments: '{"city": "Ro' },
      ],
    };
    const { turns, changes } = await goOn(lane, deepFreeze(turn), { tools: [now] });
    expect(turns[1]).toMatchObject({ text: "Let me see.", calls: [{ args: { INVALID_JSON: '{"city": "Ro' } }] });
    expect(changes).toContain("Arguments of tool calls that are no JSON object are made one: 1.");
  });

  test("[A6] texts in parts never run into one word", async () => {
    const spoken = Messages.assistant(["I think", "so."]).content as Part[];
    const asked = ask(lane, {}, () => [hi, Messages.assistant(["I think", "so."]), next]);
    const thought: Part = { type: "thinking", text: "Hm." };
    const call: Part = { type: "tool_call", id: "abcDEF123", name: "now", arguments: "{}" };
    const foreign = { role: "assistant", content: [thought, ...spoken, call] };
    const elsewhere = ask(lane, { tools: [now] }, () => [hi, foreign, next]);
    const template = ask(lane, {}, promptTemplate("SYSTEM: You are {a:text} librarian\nUSER: x"));
    for (const [words, prepared] of [
      ["I thinkso.", await asked.prepare()],
      ["I thinkso.", await elsewhere.prepare()],
      ["You arealibrarian", await template.prepare({ a: "a" })],
    ] as const) {
      const text = JSON.stringify(prepared.request);
      expect(text).not.toContain(words);
      const inParts = /"(?:I think|You are)"/.test(text);
      expect(inParts || prepared.changes.some((change) => change.includes("joined"))).toBe(true);
    }
  });

  test("[A7] an answer by a forced tool can be answered, and its neutral turn says that it was taken", async () => {
    const Book = z.object({ title: z.string() });
    for (const stream of [false, true]) {
      await using server = await serve(lane, { toolCalls: [{ id: "call_1", name: "Book", args: '{"title":"Dune"}' }] });
      const { client } = server;
      const options = { client, responseModel: Book.meta({ title: "Book" }) };
      const response = stream
        ? await drained(growing<unknown>(lane, options))
        : (await askFor<unknown>(lane, options)().withResponse()).response;
      expect(response.toolCalls).toMatchObject([{ name: "Book" }]);
      expect(response.tools).toBeUndefined();
      const [call] = response.toolCalls ?? [];
      const results = response.toolMessageParams([[call as NonNullable<typeof call>, "Taken."]]);
      await ask(lane, { client }, () => [hi, response.messageParam, ...results, next])();
      expect(server.turns(1).flatMap((turn) => turn.results.map(({ text }) => text))).toEqual(["Taken."]);
      const neutral = response.toolMessage([[call as NonNullable<typeof call>, "Taken."]]);
      await ask(lane, { client }, () => [hi, response.message, neutral, next])();
      expect(server.turns(2).flatMap((turn) => turn.results.map(({ text }) => text))).toEqual(["Taken."]);
      const [loaded] = loadHistory(JSON.parse(JSON.stringify(saveHistory([response.message]))));
      await ask(lane, { client }, () => [hi, loaded, next])();
      expect(server.turns(3).flatMap((turn) => turn.results.map(({ text }) => text))).toEqual([
        "The answer was taken.",
      ]);
      expect(server.requests[3]?.text).not.toMatch(/is_error":true|"status":"error"|"error":"The answer/);
    }
  });

  test("[D23] a result can be given for a raw call, and for nothing that is none", async () => {
    await using server = await serve(lane, { toolCalls: calling() });
    const { client } = server;
    for (const stream of [false, true]) {
      const response = await answerOf(lane, server, stream, { tools: [now] });
      const [call] = response.toolCalls ?? [];
      const results = response.toolMessageParams([[call as NonNullable<typeof call>, { at: "noon" }]]);
      const use = response.tool as NonNullable<typeof response.tool>;
      expect(results).toEqual(response.toolMessageParams([[use, { at: "noon" }]]));
      await ask(lane, { client }, () => [hi, response.messageParam, ...results])();
      expect(server.turns(-1).flatMap((turn) => turn.results.map(({ text }) => text))).toEqual(['{"at":"noon"}']);
      for (const wrong of [undefined, null, "call_12345", {}, response]) {
        const given = [[wrong, "x"]] as unknown as Parameters<typeof response.toolMessageParams>[0];
        expect(() => response.toolMessageParams(given)).toThrow(ConfigError);
        expect(() => response.toolMessage(given)).toThrow(/one of a response's `tools` or `toolCalls`/);
      }
    }
  });

  test("`userMessageParam` after a tool turn is none", async () => {
    await using server = await serve(lane, { toolCalls: calling() }, { text: "ok" });
    const { client } = server;
    const asked = await ask(lane, { client, tools: [now] })();
    expect(asked.userMessageParam).toEqual(asked.messages.at(-1));
    const use = asked.tool as NonNullable<typeof asked.tool>;
    const turns = [hi, asked.message, asked.toolMessage([[use, "noon"]])];
    expect((await ask(lane, { client, tools: [now] }, () => turns)()).userMessageParam).toBeUndefined();
  });

  test("[D22] a list of one text is that text", async () => {
    const [one, other] = [await ask(lane, {}, () => ["only"]).prepare(), await ask(lane, {}, () => "only").prepare()];
    expect(one.request).toEqual(other.request);
    expect(one.neutral).toEqual([{ role: "user", content: "only" }]);
    expect(Messages.system(["only"])).toEqual({ role: "system", content: "only" });
  });

  test("[A13] half a surrogate pair is made whole wherever it enters", async () => {
    const half = "log 😀".slice(0, 5);
    const echo = tool({ name: "now", call: () => ({ half }) });
    await using server = await serve(lane, { toolCalls: calling("{}") }, { text: "ok" });
    const { client } = server;
    await toolLoop(ask(lane, { client, tools: [echo] }, () => half) as unknown as Parameters<typeof toolLoop>[0])();
    const turns = [Messages.system(half), Messages.user([half, "b"]), Messages.assistant(half), next];
    await ask(lane, { client }, () => turns)();
    await ask(
      lane,
      { client },
      promptTemplate("SYSTEM: {half}\nUSER: {half} and {list:list} and {part:text}"),
    )({
      half,
      list: [half, { half }],
      part: half,
    });
    await ask(lane, { client }, () => [lane.native.user(half)])();
    expect(server.requests).toHaveLength(5);
    expect(server.turns(1).flatMap(({ results }) => results.map(({ text }) => text))).toEqual([
      '{"half":"log \ufffd"}',
    ]);
    for (const { text } of server.requests) {
      expect(text).toContain("log \ufffd");
      expect(text).not.toMatch(/\\+ud83d/i);
    }
    const prepared = await ask(lane, {}, () => deepFreeze(turns)).prepare();
    expect(prepared.changes).toContain("Halves of surrogate pairs are replaced: 3.");
    const whole = await ask(lane, {}, () => [Messages.user("log 😀"), Messages.assistant("😀"), next]).prepare();
    expect([JSON.stringify(whole.request).match(/😀/g)?.length, whole.changes]).toEqual([
      2,
      expect.not.arrayContaining([expect.stringContaining("surrogate")]),
    ]);
  });
});

async function drained(call: ReturnType<typeof growing<unknown>>): Promise<CallResponse> {
  const stream = call();
  for await (const _ of stream);
  return stream.response as CallResponse;
}

// --- the chat wire and its like -----------------------------------------------------------------------------------

const chatWires = lanes.filter(
  ({ name }) => /^(openai|groq|litellm|azure|mistral|cohere)/.test(name) && name !== "openai.responses",
);

interface ChatBody {
  readonly choices?: { readonly message: object }[];
  readonly message?: object;
  readonly [key: string]: unknown;
}

/** The lane's whole answer with more in its message. */
function withMore(lane: Lane, said: Said, more: object): object {
  const body = lane.whole(said) as ChatBody;
  const { choices, message } = body;
  const [first] = choices ?? [];
  if (first !== undefined) return { ...body, choices: [{ ...first, message: { ...first.message, ...more } }] };
  return { ...body, message: { ...message, ...more } };
}

const json = { "content-type": "application/json" };

describe.each(chatWires)("$name: turns", (lane) => {
  test("[A3] an empty list of tool calls is not sent back", async () => {
    const body = JSON.stringify(withMore(lane, { text: "Yes." }, { tool_calls: [] }));
    await using server = await serve(lane, (answer) => answer.send(200, { ...json, ...lane.headers }, body));
    const response = await answerOf(lane, server, false);
    for (const [, turn] of formsOf(response)) {
      const sent = await goOn(lane, deepFreeze(turn));
      expect(sent.text).not.toContain("tool_calls");
      expect(sent.turns[1]).toMatchObject({ role: "assistant", text: "Yes." });
    }
  });

  const parts = [
    { type: "text", text: "Hello " },
    { type: "text", text: "world" },
  ];
  // The older client of Azure has one text where the others have parts.
  const kept = (given: readonly object[]) => (lane.name === "azure (ai-inference)" ? textIn(given) : given);

  test("[A5] texts in parts go back byte for byte", async () => {
    const body = JSON.stringify(withMore(lane, {}, { content: parts }));
    await using server = await serve(lane, (answer) => answer.send(200, { ...json, ...lane.headers }, body), {
      text: "ok",
    });
    const response = await answerOf(lane, server, false);
    expect(response.content).toBe("Hello world");
    await ask(lane, { client: server.client }, () => [hi, response.messageParam, next])();
    expect(messagesIn(server, 1)[1]?.content).toEqual(kept(parts));
    const [first] = parts as [object];
    const written = [{ role: "system", content: [first] }, hi, { role: "assistant", content: [first] }, next];
    await ask(lane, { client: server.client }, () => deepFreeze(written))();
    expect(messagesIn(server, 2).map(({ content }) => content)).toEqual([
      kept([first]),
      "Hi",
      kept([first]),
      "And now?",
    ]);
  });
});

function textIn(parts: readonly object[]): string {
  return parts.map((part) => (part as { text: string }).text).join("");
}

function messagesIn(server: Served, index: number): { readonly content: unknown }[] {
  return server.body(index).messages as { readonly content: unknown }[];
}
