import { LLMock } from "@copilotkit/aimock";
import { GoogleGenAI } from "@google/genai";
import Groq from "groq-sdk";
import OpenAI, { AzureOpenAI } from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { Messages } from "../../src/message/message.ts";
import type { CallResponse } from "../../src/read/response.ts";
import { StreamError } from "../../src/read/stream-error.ts";
import { book } from "../support/chat-tools.ts";
import { thrownBy } from "../support/replay.ts";
import { anyTool, ask } from "./begin.ts";
import { type Lane, lanes } from "./lanes.ts";

// A server that we did not write, for every provider it serves: @copilotkit/aimock, which answers each of them in its own
// format, from one set of fixtures. What is wrong with it is said where it shows.

const openai = (url: string) => new OpenAI({ apiKey: "test", baseURL: `${url}/v1`, maxRetries: 0, logLevel: "off" });

/** Clients where the server's paths differ from those the SDKs take by default. */
const clients: { readonly [name: string]: (url: string) => object } = {
  openai,
  "openai-responses": openai,
  litellm: openai,
  azure: (endpoint) => new AzureOpenAI({ apiKey: "test", endpoint, apiVersion: "2024-10-21", maxRetries: 0 }),
  groq: (baseURL) => new Groq({ apiKey: "test", baseURL, maxRetries: 0 }),
  // It has neither the SDK's default version of the Gemini API, nor the short paths that Vertex has for a key.
  gemini: (baseUrl) => new GoogleGenAI({ apiKey: "test", apiVersion: "v1beta", httpOptions: { baseUrl } }),
  vertex: (baseUrl) => {
    const apiVersion = "v1/projects/test/locations/us-central1";
    return new GoogleGenAI({ enterprise: true, apiKey: "test", apiVersion, httpOptions: { baseUrl } });
  },
};

const city = '{"city":"Rome"}';

async function startMock(): Promise<LLMock> {
  const mock = new LLMock({ port: 0, logLevel: "silent", chunkSize: 4 });
  // It answers only if it finds this text in a result at the end of what it was sent.
  mock.on({ toolResultContains: "it is noon" }, { content: "Sunny at noon." });
  mock.onMessage("weather", {
    toolCalls: [
      { name: "weather", arguments: city },
      { name: "clock", arguments: "{}" },
    ],
  });
  mock.onMessage("a book", { toolCalls: [{ name: "Book", arguments: '{"title":"Dune"}' }] });
  mock.onMessage("a title", { content: '{"title":"Dune"}' });
  mock.onMessage("hello", { content: "Hi there, all of you!" });
  await mock.start();
  return mock;
}

// Local has no wire.
describe.each(lanes.filter((lane) => lane.client !== undefined))("$name on aimock", (lane) => {
  let mock: LLMock;
  let client: object;
  beforeAll(async () => {
    mock = await startMock();
    client = (clients[lane.name] ?? (lane.client as NonNullable<Lane["client"]>))(mock.url);
  });
  afterAll(() => mock.stop());

  const model = `${lane.name}/${lane.models[0]}`;
  const asked = (options: object, prompt: () => unknown) => ask(model, { client, ...options }, prompt);
  async function streamed(options: object, prompt: () => unknown): Promise<CallResponse> {
    const stream = asked({ ...options, stream: true }, prompt)();
    let content = "";
    for await (const [chunk] of stream) content += chunk.content;
    expect(stream.content).toBe(content);
    return stream.constructCallResponse();
  }

  test("answers and streams", async () => {
    for (const response of [await asked({}, () => "hello")(), await streamed({}, () => "hello")]) {
      expect(response.content).toBe("Hi there, all of you!");
      expect(response.stopReason).toBe("stop");
      expect(response.toolCalls).toBeUndefined();
    }
  });

  const tools = ["weather", "clock"].map(anyTool);

  async function goOn(response: CallResponse): Promise<void> {
    expect(response.tools?.map(({ name, args }) => [name, args])).toEqual([
      ["weather", { city: "Rome" }],
      ["clock", {}],
    ]);
    // It finishes Google's with FUNCTION_CALL, a reason that the API does not have: there it is STOP.
    const isGoogle = lane.name === "gemini" || lane.name === "vertex";
    expect(response.stopReason).toBe(isGoogle ? "other" : "tool_calls");
    const results = (response.tools ?? []).map((use) => [use, `${use.name}: it is noon`] as const);
    const turns = [Messages.user("weather"), response.message, response.toolMessage(results)];
    expect((await asked({ tools }, () => turns)()).content).toBe("Sunny at noon.");
    const native = [Messages.user("weather"), response.messageParam, ...response.toolMessageParams(results)];
    expect((await asked({ tools }, () => native)()).content).toBe("Sunny at noon.");
  }

  test("calls tools and takes their results", async () => goOn(await asked({ tools }, () => "weather")()));

  test("calls tools in a stream", async () => {
    const work = () => streamed({ tools }, () => "weather");
    if (lane.name !== "mistral") return goOn(await work());
    // Its later pieces of a call have no `function.name`, where Mistral's own have "": the SDK takes none of them.
    const error = await thrownBy(work);
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ code: "stream_broken", message: expect.stringContaining("function.name") });
  });

  test("gives structured answers, by a tool and as JSON", async () => {
    expect(await asked({ responseModel: book }, () => "a book")()).toEqual({ title: "Dune" });
    for (const jsonMode of [true, "schema"]) {
      expect(await asked({ responseModel: book, jsonMode }, () => "a title")()).toEqual({ title: "Dune" });
    }
  });

  test.each([
    [401, "authentication"],
    [429, "rate_limit"],
    [500, "server"],
  ])("refuses with %i", async (code, kind) => {
    for (const work of [() => asked({}, () => "hello")(), () => streamed({}, () => "hello")]) {
      mock.nextRequestError(code, { message: "Not now." });
      const error = await thrownBy(work);
      expect(classify(error)).toMatchObject({ kind, status: code });
      // Bedrock names its errors in a header, which it does not send: the SDK then knows no message.
      if (lane.name !== "bedrock") expect(String((error as Error).message)).toContain("Not now.");
    }
  });
});
