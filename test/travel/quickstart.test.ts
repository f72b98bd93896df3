import { afterEach, expect, test, vi } from "vitest";
import { call, providerNames } from "../../src/any-provider.ts";
import { ConfigError } from "../../src/errors/errors.ts";
import { messageTruth } from "../support/anthropic-replay.ts";
import { chatTruth } from "../support/chat-replay.ts";
import { completion, startChat } from "../support/chat-server.ts";
import { chatTruth as cohereTruth } from "../support/cohere-replay.ts";
import { converseTruth } from "../support/converse.ts";
import { geminiTruth } from "../support/gemini-truth.ts";
import { type Exchange, type RecordedResponse, recordings, recordingsPresent } from "../support/recordings.ts";
import { eventsOf, isStream, type Json } from "../support/replay.ts";
import { startReplay } from "../support/replay-server.ts";
import { responseTruth } from "../support/responses-replay.ts";
import { type Lane, lanes } from "./lanes.ts";
import { madeModel } from "./made.ts";

// The first program of the README, once for every provider through the root `call`, on recorded traffic.

const recommend = (genre: string) => `Recommend a ${genre} book`;

afterEach(() => void vi.unstubAllEnvs());

const sentence = "There are no recordings at ../shared/recordings or CALLSCOPE_RECORDINGS to start with.";
// In CI an absent judge must not look like a pass.
if (!recordingsPresent) test.skipIf(!process.env.CI)(sentence, () => expect.fail(sentence));

const wired = recordingsPresent ? lanes.filter(({ client }) => client !== undefined) : [];

/** What the recorded answer says, read without the library. */
function saidIn({ name }: Lane, response: RecordedResponse): string {
  switch (name) {
    case "openai-responses":
      return responseTruth(response).content;
    case "anthropic":
      return messageTruth(isStream(response) ? eventsOf(response) : [(response as { body: Json }).body]).content;
    case "gemini":
    case "vertex":
      return geminiTruth(response).content;
    case "bedrock":
      return converseTruth(response).content;
    case "cohere":
      return cohereTruth(response).content;
    default:
      return chatTruth(response).content;
  }
}

// What is no plain question and answer, and what is one with something beside it.
const other = ["server-tools", "n>1", "refusal", "length", "content-filter", "audio-output", "stream-error"];
const beside = ["thinking", "citations", "tool-call"];

/** A recorded answer in plain text: the first one by its tags, rather one that has nothing beside its text. */
function plainText(lane: Lane, stream: boolean): { exchange: Exchange; text: string } {
  const all = lane.folders.flatMap((folder) => recordings(folder, (one) => lane.speaks?.(one) ?? true));
  const lacking = (tags: readonly string[]) =>
    all.filter(({ scenario }) => !tags.some((tag) => scenario.includes(tag)));
  for (const { exchanges } of [...lacking([...other, ...beside]), ...lacking(other)]) {
    // What follows a tool's result is plain text again.
    const exchange = exchanges.at(-1);
    if (exchange?.response.status !== 200 || isStream(exchange.response) !== stream) continue;
    const text = saidIn(lane, exchange.response);
    if (text !== "") return { exchange, text };
  }
  throw new Error(`No recording of ${lane.name} is plain text, stream: ${stream}.`);
}

test("every provider has a lane", () => expect(lanes.map(({ name }) => name)).toEqual(providerNames));

test.each(wired)("$name answers", async (lane) => {
  const { exchange, text } = plainText(lane, false);
  await using server = await startReplay([exchange]);
  const client = lane.client?.(server.url) as object;
  const response = await call(`${lane.name}/${lane.models[0]}`, { client }, recommend)("fantasy");
  expect(response.content).toBe(text);
  expect(response.provider).toBe(lane.name);
  expect(response.stopReason).toBe("stop");
  expect(server.requests[0]?.text).toContain("Recommend a fantasy book");
});

test.each(wired)("$name streams", async (lane) => {
  const { exchange, text } = plainText(lane, true);
  await using server = await startReplay([exchange]);
  const client = lane.client?.(server.url) as object;
  const stream = call(`${lane.name}/${lane.models[0]}`, { client, stream: true }, recommend)("fantasy");
  let content = "";
  for await (const [chunk] of stream) content += chunk.content;
  expect(content).toBe(text);
  expect(stream.content).toBe(text);
});

test("the model in the process answers and streams without a server", async () => {
  const client = madeModel("text");
  const response = await call("local/default", { client }, recommend)("fantasy");
  expect([response.content, response.provider]).toEqual(["It is fine.", "local"]);
  const stream = call("local/default", { client, stream: true }, recommend)("fantasy");
  let content = "";
  for await (const [chunk] of stream) content += chunk.content;
  expect(content).toBe("It is fine.");
});

test.each(lanes.filter(({ name }) => name !== "litellm"))("$name hands nothing of its client on", async (lane) => {
  await using first = await startChat(completion({ content: "first" }));
  await using second = await startChat(completion({ content: "second" }));
  vi.stubEnv("LITELLM_API_KEY", "sk-second");
  vi.stubEnv("LITELLM_BASE_URL", second.url);
  const client = lane.client?.(first.url) ?? madeModel("text");
  const asked = call(`${lane.name}/${lane.models[0]}` as string, { client, callParams: { temperature: 0 } }, recommend);
  const response = await asked.with({ model: "litellm/house" })("fantasy");
  expect([response.content, response.provider, response.model]).toEqual(["second", "litellm", "gpt-4o-mini"]);
  expect(first.requests).toEqual([]);
  const [request] = second.requests;
  expect(request?.headers.authorization).toBe("Bearer sk-second");
  // Neither a key nor a header of the first client, whatever that calls them.
  expect(
    Object.keys(request?.headers ?? {}).filter((name) => /^(api-key|x-api-key|x-goog|anthropic|amz|x-amz)/.test(name)),
  ).toEqual([]);
  expect(request?.body).toEqual({
    model: "house",
    messages: [{ role: "user", content: "Recommend a fantasy book" }],
    temperature: 0,
  });
});

test("a provider with neither a client nor an environment says which it needs", async () => {
  vi.stubEnv("LITELLM_BASE_URL", "");
  vi.stubEnv("LITELLM_API_KEY", "");
  const moved = call("local/default", { client: madeModel("text") }, recommend).with({ model: "litellm/house" });
  await expect(moved("fantasy")).rejects.toThrow(ConfigError);
  await expect(moved("fantasy")).rejects.toThrow("LITELLM_BASE_URL");
});
