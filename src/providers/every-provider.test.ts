import { describe, expect, test } from "vitest";
import { image } from "../message/media.ts";
import { Messages } from "../message/message.ts";
import type { Message } from "../message/parts.ts";
import { prompt, promptTemplate } from "../prepare/prompt.ts";
import { anthropic } from "./anthropic/index.ts";
import { azure } from "./azure/index.ts";
import { bedrock } from "./bedrock/index.ts";
import { cohere } from "./cohere/index.ts";
import { gemini } from "./gemini/index.ts";
import { groq } from "./groq/index.ts";
import { litellm } from "./litellm/index.ts";
import { local } from "./local/index.ts";
import { mistral } from "./mistral/index.ts";
import { openai } from "./openai/index.ts";
import { vertex } from "./vertex/index.ts";

// What all providers have in common, without a network: requests that are only prepared, and clients that are stubs.

const calls = {
  openai: openai.call,
  "openai.responses": openai.responses.call,
  anthropic: anthropic.call,
  mistral: mistral.call,
  gemini: gemini.call,
  vertex: vertex.call,
  groq: groq.call,
  cohere: cohere.call,
  litellm: litellm.call,
  azure: azure.call,
  bedrock: bedrock.call,
  local: local.call,
};

/** What the tests use of a call: the same for every provider, which its own types would hide in a union. */
type AnyCall = (model: string, options?: object) => (write: unknown) => Bound;
type Bound = ((...args: unknown[]) => Promise<{ readonly response: unknown; readonly content: string }>) & {
  prepare(...args: unknown[]): Promise<{ readonly request: object }>;
};

const providers = Object.entries(calls) as unknown as [name: string, call: AnyCall][];

const shared = {
  text: prompt((genre: string) => `Recommend a ${genre} book`),
  messages: prompt((genre: string) => [Messages.user(`Recommend a ${genre} book`)]),
  plain: prompt((genre: string): Message[] => [{ role: "user", content: `Recommend a ${genre} book` }]),
};
const template = promptTemplate("Recommend a {genre} book");

// checklist: 30, 36
describe.each(providers)("%s", (_, call) => {
  test("takes one prompt unchanged, in whichever of the four ways it is written", async () => {
    const prepared = [await call("m")(template).prepare({ genre: "fantasy" })];
    for (const write of Object.values(shared)) prepared.push(await call("m")(write).prepare("fantasy"));
    const requests = new Set(prepared.map(({ request }) => JSON.stringify(request)));
    expect(requests.size).toBe(1);
    expect([...requests][0]).toContain("Recommend a fantasy book");
  });

  // checklist: 57
  test("loses no role", async () => {
    const turns = [
      Messages.system("the rules"),
      Messages.user("a question"),
      Messages.assistant("an answer"),
      Messages.user("the next"),
    ];
    const sent = JSON.stringify((await call("m")(() => turns).prepare()).request);
    for (const text of ["the rules", "a question", "an answer", "the next"]) expect(sent.split(text)).toHaveLength(2);
    expect(sent.indexOf("a question")).toBeLessThan(sent.indexOf("an answer"));
    expect(sent.indexOf("an answer")).toBeLessThan(sent.indexOf("the next"));
  });
});

// checklist: 3
describe("Messages", () => {
  test.each(["system", "user", "assistant"] as const)("%s writes text and parts", (role) => {
    expect(Messages[role]("Hi")).toEqual({ role, content: "Hi" });
    const picture = image("https://example.com/a.png");
    expect(Messages[role](["Look:", picture])).toEqual({ role, content: [{ type: "text", text: "Look:" }, picture] });
    expect(Messages[role]([])).toEqual({ role, content: [] });
  });

  test("refuse what is neither", () => {
    expect(() => Messages.user(3 as never)).toThrow("must be a string or a content part; it is a number");
  });
});

// checklist: 59
test("a picture's detail is `auto` unless it is given", async () => {
  const url = "https://example.com/a.png";
  const partOf = async (detail?: "low") => {
    const prepared = await openai.call("m", () => [image(url, detail && { detail })]).prepare();
    return (prepared.messages as readonly { content?: unknown }[] as { content: object[] }[])[0]?.content[0];
  };
  expect(await partOf()).toEqual({ type: "image_url", image_url: { url, detail: "auto" } });
  expect(await partOf("low")).toEqual({ type: "image_url", image_url: { url, detail: "low" } });
});

// --- the SDK's own object ---------------------------------------------------------------------------------------

const completion = {
  id: "1",
  object: "chat.completion",
  model: "m",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Dune" } }],
};
const chat = { chat: { completions: { create: async () => completion } } };
const generated = { candidates: [{ content: { role: "model", parts: [{ text: "Dune" }] }, finishReason: "STOP" }] };
const google = (vertexai: boolean) => {
  const answer = async () => generated;
  return { vertexai, models: { generateContent: answer, generateContentStream: answer } };
};
const message = {
  id: "1",
  type: "message",
  role: "assistant",
  model: "m",
  content: [{ type: "text", text: "Dune" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 1 },
};
const written = {
  id: "1",
  object: "response",
  status: "completed",
  model: "m",
  output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "Dune", annotations: [] }] }],
};
const mistralAnswer = {
  id: "1",
  model: "m",
  choices: [{ index: 0, finishReason: "stop", message: { role: "assistant", content: "Dune" } }],
};
const cohereAnswer = {
  id: "1",
  finishReason: "COMPLETE",
  message: { role: "assistant", content: [{ type: "text", text: "Dune" }] },
};
const converse = { output: { message: { role: "assistant", content: [{ text: "Dune" }] } }, stopReason: "end_turn" };
const withHead = { withResponse: async () => ({ data: completion, response: new Response() }) };

// checklist: 68
test.each<[name: keyof typeof calls, client: object, answer: object]>([
  ["openai", chat, completion],
  ["openai.responses", { responses: { create: async () => written } }, written],
  ["anthropic", { messages: { create: async () => message } }, message],
  ["mistral", { chat: { complete: async () => mistralAnswer, stream: async () => mistralAnswer } }, mistralAnswer],
  ["gemini", google(false), generated],
  ["vertex", google(true), generated],
  ["groq", chat, completion],
  ["cohere", { chat: async () => cohereAnswer, chatStream: async () => cohereAnswer }, cohereAnswer],
  ["litellm", { chat: { completions: { create: () => withHead } } }, completion],
  ["azure", chat, completion],
  ["bedrock", { send: async () => converse }, converse],
])("the response of %s is the very object its SDK gave", async (name, client, answer) => {
  const before = JSON.stringify(answer);
  const response = await (calls[name] as unknown as AnyCall)("m", { client })(() => "Hi")();
  expect(response.response).toBe(answer);
  expect(response.content).toBe("Dune");
  expect(JSON.stringify(answer)).toBe(before);
});

// checklist: 68, 94
test("an event of a stream is the very object the SDK gave", async () => {
  const delta = (content: string, finish_reason: string | null) => ({
    id: "1",
    model: "m",
    choices: [{ index: 0, delta: { content }, finish_reason }],
  });
  const events = [delta("Du", null), delta("ne", "stop")];
  async function* give() {
    yield* events;
  }
  const create = async () => give();
  const client = { chat: { completions: { create } } };
  const stream = (calls.openai as unknown as AnyCall)("m", { client, stream: true })(() => "Hi")();
  const seen: { chunk: unknown; content: string; finishReasons: unknown; model: unknown }[] = [];
  for await (const [chunk] of stream as unknown as AsyncIterable<typeof seen>) if (chunk) seen.push(chunk);
  expect(seen.map(({ chunk }) => events.indexOf(chunk as (typeof events)[0]))).toEqual([0, 1]);
  expect(seen.map(({ content }) => content)).toEqual(["Du", "ne"]);
  expect(seen.map(({ finishReasons }) => finishReasons)).toEqual([undefined, ["stop"]]);
  expect(seen.map(({ model }) => model)).toEqual(["m", "m"]);
});
