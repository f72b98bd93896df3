import OpenAI from "openai";
import { fallback } from "../../src/combine/fallback.ts";
import { hedge } from "../../src/combine/hedge.ts";
import type { Layer } from "../../src/contract/layer.ts";
import { classify } from "../../src/errors/classify.ts";
import { isOfEngine, keptFailureOf } from "../../src/errors/kept-failure.ts";
import { budget } from "../../src/layers/budget.ts";
import { limit } from "../../src/layers/limit.ts";
import { retry } from "../../src/layers/retry.ts";
import { toolLoop } from "../../src/loop/tool-loop.ts";
import { openai } from "../../src/providers/openai/index.ts";
import type { CallResponse } from "../../src/read/response.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { within } from "../../src/send/scope.ts";
import { tool } from "../../src/tools/tool.ts";

// What the workers of both engines run: each case in a durable scope, from one key. It tells what it came to before it waits
// at its gate, so that a run that is replayed tells twice.

/** What a case is given. */
export interface Given {
  readonly url: string;
  readonly key: string;
  /** The engine's layer. */
  readonly durable: (options?: { readonly tools?: boolean; readonly retry?: false }) => Layer;
}

interface Tools {
  readonly client: OpenAI;
  readonly key: string;
  readonly url: string;
  readonly durable: Given["durable"];
}

/** Runs a case by its name. */
export async function runCase(name: string, { url, key, durable }: Given): Promise<unknown> {
  const client = new OpenAI({ apiKey: "sk-secret", baseURL: url, maxRetries: 0, logLevel: "off" });
  const run = cases[name] as (tools: Tools) => Promise<unknown>;
  return within({ layers: [durable(name === "stepless" ? { tools: false } : {})] }, async () => {
    const came = (await run({ client, key, url, durable }).catch(toldError)) as object;
    await post(`${url}/note/${encodeURIComponent(key)}`, came);
    if (name === "aborted") return came;
    await say({ client })(`${key} gate`);
    return came;
  });
}

const say = ({ client }: { client: OpenAI }) => openai.call("gpt-4o-mini", { client }, (text: string) => text);
const book = jsonSchema<{ title: string }>({
  title: "Book",
  type: "object",
  properties: { title: { type: "string" } },
  required: ["title"],
});
const extract = ({ client }: Tools) =>
  openai.call(
    "gpt-4o-mini",
    { client, responseModel: book, jsonMode: true, retries: { validation: 1 } },
    (text: string) => text,
  );

const cases: Readonly<Record<string, (tools: Tools) => Promise<unknown>>> = {
  async plain(tools) {
    return told(await say(tools)(`${tools.key} plain`));
  },
  async structured(tools) {
    const { value, response } = await extract(tools)(`${tools.key} book`).withResponse();
    return { value, ...told(response as CallResponse) };
  },
  async stream(tools) {
    const stream = openai.call("gpt-4o-mini", { client: tools.client, stream: true }, () => `${tools.key} stream`)();
    const pieces: string[] = [];
    for await (const [piece] of stream) pieces.push(piece.content);
    return { pieces, cost: stream.cost, ...told(stream.constructCallResponse()) };
  },
  loop: (tools) => runLoop(tools, false),
  streamedLoop: (tools) => runLoop(tools, true),
  stepless: (tools) => runLoop(tools, false),
  async fallback(tools) {
    const both = fallback(say(tools).with({ model: "gpt-4o" }), say(tools));
    return told(await both(`${tools.key} down`).catch(() => both(`${tools.key} plain`)));
  },
  async secondLeg(tools) {
    const broken = openai.call("gpt-4o", { client: tools.client }, () => `${tools.key} wrong`);
    return told(
      await fallback(
        broken,
        openai.call("gpt-4o-mini", { client: tools.client }, () => `${tools.key} plain`),
      )(),
    );
  },
  async retried(tools) {
    return told(await say(tools).with({ layers: [retry({ attempts: 5, maxDelay: 200 })] })(`${tools.key} flaky`));
  },
  async byItself(tools) {
    return told(await say(tools)(`${tools.key} later`));
  },
  async wrong(tools) {
    return told(await say(tools)(`${tools.key} wrong`));
  },
  async down(tools) {
    return told(await say(tools).with({ layers: [retry({ attempts: 2, maxDelay: 20 })] })(`${tools.key} down`));
  },
  async limited(tools) {
    const purse = budget({ requests: 2 });
    const limiter = limit({ concurrency: 1 });
    const call = say(tools).with({ layers: [purse, limiter] });
    const first = await call(`${tools.key} one`);
    const second = await call(`${tools.key} two`);
    const refused = await fallback(call, call)(`${tools.key} three`).catch(toldError);
    return { first: told(first), second: told(second), refused };
  },
  async hedged(tools) {
    return told(await hedge(say(tools), { after: 10 })(`${tools.key} plain`));
  },
  async aborted(tools) {
    const signal = AbortSignal.timeout(50);
    return told(await say(tools).with({ signal })(`${tools.key} gate`));
  },
  // What an engine steers by goes past every loop, fallback and retry.
  held: (tools) => runHeld(tools, (call) => toolLoop(call)()),
  async asleep(tools) {
    const patient = retry({ attempts: 3, maxDelay: 100_000, when: () => true });
    return told(await fallback(say(tools), say(tools)).with({ layers: [patient] })(`${tools.key} nap`));
  },
  // Side by side, two requests each, whose order the answers decide.
  async chains(tools) {
    const names = ["a", "b", "c", "d"];
    return { all: await Promise.all(names.map((name) => extract(tools)(`${tools.key} book chain-${name}`))) };
  },
  // Side by side, and the prompt of the first takes longer, now more, now less.
  async uneven(tools) {
    const slow = openai.call("gpt-4o-mini", { client: tools.client }, async (text: string) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
      return text;
    });
    const calls = [
      slow(`${tools.key} a`),
      extract(tools)(`${tools.key} book b`),
      say(tools)(`${tools.key} c`),
    ] as const;
    const [first, second, third] = await Promise.all(calls);
    return { all: [told(first), second, told(third)] };
  },
  async mixed(tools) {
    const texts = ["a", "b", "c", "d"].map((name) => `${tools.key} ${name}`);
    return { all: (await Promise.all(texts.map((text) => say(tools)(text)))).map(told) };
  },
};

/** A loop over a fallback, whose tool waits at a gate. */
async function runHeld(
  { client, key }: Tools,
  run: (call: ReturnType<typeof heldCall>) => Promise<{ readonly status: string }>,
): Promise<object> {
  const { status } = await run(heldCall(client, key));
  return { status };
}

function heldCall(client: OpenAI, key: string) {
  const weather = tool({
    name: "weather",
    parameters: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } }),
    call: async () => (await say({ client })(`${key}-tool gate`)).content,
  });
  const call = openai.call("gpt-4o-mini", { client, tools: [weather] }, () => `${key} hold`);
  return fallback(call, call).with({ layers: [retry({ when: () => true })] });
}

async function runLoop({ client, key, url }: Tools, stream: boolean): Promise<object> {
  const weather = tool({
    name: "weather",
    parameters: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } }),
    async call({ city }) {
      await post(`${url}/tool/${encodeURIComponent(`${key} weather`)}`, {});
      // What a tool asks is part of its step.
      const inner = await say({ client })(`${key} inner`);
      return { city, sky: inner.content, at: new Date(0) };
    },
  });
  const pay = tool({
    name: "pay",
    parameters: jsonSchema<{ usd: number }>({ type: "object", properties: { usd: { type: "number" } } }),
    async call(): Promise<string> {
      await post(`${url}/tool/${encodeURIComponent(`${key} pay`)}`, {});
      throw new RangeError("no money");
    },
  });
  const call = openai.call("gpt-4o-mini", { client, stream, tools: [weather, pay] }, () => `${key} tools`);
  const run = toolLoop(call)();
  const results: unknown[] = [];
  for await (const event of run) if (event.type === "tool_result") results.push(event);
  const { status, responses, cost } = await run;
  return { status, cost, results, responses: responses.map((one) => told(one as CallResponse)) };
}

/** All that a response says, getters too. */
function told(response: CallResponse): object {
  const { content, cost, tokens, stopReason, startTime, endTime, head, id, model, attempts, total, messages } =
    response;
  const tools = response.tools?.map(({ name, args }) => ({ name, args }));
  const dear = {
    content,
    cost,
    tokens,
    tools,
    stopReason,
    startTime,
    endTime,
    head,
    id,
    model,
    attempts,
    total,
    messages,
  };
  // What a workflow gives is plain: an engine's own serializer would make other things of attempts.
  return JSON.parse(JSON.stringify({ ...dear, received: response.received })) as object;
}

/** What is known of an error. */
function toldError(error: unknown): object {
  if (isOfEngine(error)) throw error;
  const { name, message } = error as Error;
  return { name, message, failure: keptFailureOf(error), view: classify(error) };
}

async function post(url: string, body: unknown): Promise<void> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  await answer.text();
}
