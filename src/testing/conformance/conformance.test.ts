import { AssertionError } from "node:assert";
import { describe, expect, test } from "vitest";
import { subjectOf } from "../../../test/contract/conformance-subject.ts";
import { openaiLane } from "../../../test/contract/lanes/openai.ts";
import { thrownBy } from "../../../test/support/replay.ts";
import type { CallRequest, NativeRequest, Provider, ProviderTypes } from "../../contract/provider.ts";
import { ConfigError } from "../../errors/errors.ts";
import { within } from "../../send/scope.ts";
import { noRequests } from "../no-requests.ts";
import { conformance } from "./conformance.ts";
import type { ConformanceSubject, ConformanceTraits } from "./types.ts";

type Own = Provider<ProviderTypes>;

const good = openaiLane.provider;
const subject = subjectOf(openaiLane);

/** The same provider, of which a part is not as it must be. */
function broken(members: Partial<Own>, traits?: ConformanceTraits): ConformanceSubject<ProviderTypes> {
  return { ...subject, ...(traits && { traits }), provider: { ...good, ...members } };
}

/** A provider whose requests are changed. */
function sends(
  change: (native: NativeRequest<ProviderTypes>, neutral: CallRequest<ProviderTypes>) => object,
): Partial<Own> {
  return {
    params(neutral) {
      const native = good.params(neutral);
      return { ...native, request: change(native, neutral) };
    },
  };
}

/** The names of the checks that fail. */
async function failed(of: ConformanceSubject<ProviderTypes>): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of conformance(of)) {
    const error = await run().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error !== undefined) names.push(name);
  }
  return names;
}

const without = (request: object, key: string) => {
  const { [key]: _, ...rest } = request as Record<string, unknown>;
  return rest;
};
const messagesOf = (request: object) => (request as { messages: { role: string }[] }).messages;

/** What is wrong with a provider, and what says so. */
const faults: readonly (readonly [what: string, members: Partial<Own>, check: string])[] = [
  [
    "does not tell what it used",
    { read: (response) => ({ ...good.read(response), tokens: { input: undefined, output: undefined } }) },
    "a whole answer has its text",
  ],
  [
    "takes its stream for whole at once",
    {
      readChunk(chunk, draft) {
        const reading = good.readChunk(chunk, draft);
        draft.done = true;
        return reading;
      },
    },
    "a stream that ends early",
  ],
  [
    "gives a stream's content at its end",
    { readChunk: (chunk, draft) => ({ ...good.readChunk(chunk, draft), content: "" }) },
    "a stream comes in pieces",
  ],
  [
    "loses the tool calls of a stream",
    {
      readChunk(chunk, draft) {
        const reading = good.readChunk(chunk, draft);
        draft.calls.length = 0;
        return reading;
      },
    },
    "tool calls are read",
  ],
  [
    "echoes another model in a stream",
    {
      readChunk(chunk, draft) {
        const reading = good.readChunk(chunk, draft);
        if (draft.response !== undefined) Object.assign(draft.response, { model: "other" });
        return reading;
      },
    },
    "a streamed answer is the whole answer",
  ],
  [
    "leaves answers out of its requests",
    sends(({ request }) => ({ ...request, messages: messagesOf(request).filter(({ role }) => role !== "assistant") })),
    "system, user and assistant messages",
  ],
  [
    "puts turns in another order",
    sends(({ request }) => ({ ...request, messages: messagesOf(request).toReversed() })),
    "system, user and assistant messages",
  ],
  ["leaves tools out", sends(({ request }) => without(request, "tools")), "tools are declared"],
  ["leaves the schema out", sends(({ request }) => without(request, "response_format")), "in the mode schema"],
  [
    "has requests that are no data",
    sends(({ request }) => ({ ...request, metadata: { at: new Date(0) } })),
    "`prepare` sends nothing",
  ],
  [
    "changes the messages it is given",
    {
      params(neutral) {
        for (const message of neutral.messages) Object.assign(message, { content: "Bye" });
        return good.params(neutral);
      },
    },
    "nothing that is passed in is changed",
  ],
  ["loses results of tools", { toolMessages: (results) => good.toolMessages(results.slice(1)) }, "results go back"],
  [
    "sends an empty answer back",
    { messageParam: (response) => ({ ...good.messageParam(response), content: "" }) },
    "an answer goes back",
  ],
  [
    "sends a request again by itself",
    {
      create: (client, request, options) =>
        Promise.resolve(good.create(client, request, options)).catch(() => good.create(client, request, options)),
    },
    "a refusal with status 429",
  ],
  [
    "hides why it was refused",
    {
      create: (client, request, options) =>
        Promise.resolve(good.create(client, request, options)).catch(() => Promise.reject(new Error("no"))),
    },
    "a refusal with status 401",
  ],
];

describe("conformance()", () => {
  test.each(faults)("finds a provider that %s", async (_, members, check) => {
    const names = await failed(broken(members));
    expect(names.some((name) => name.includes(check))).toBe(true);
  });

  test("finds what is taken though it was not said to be, and what is refused though it was", async () => {
    const { parts: _, ...rest } = subject.traits ?? {};
    const names = await failed(broken({}, { ...rest, tools: false, modes: ["tool"] }));
    expect(names).toEqual(
      expect.arrayContaining([
        "a part of the type image is refused by name before any request",
        "tools are refused by name before any request",
        "a structured answer in the mode json is refused by name before any request",
      ]),
    );
    expect(names.every((name) => name.includes("refused"))).toBe(true);
  });

  test("says what is wrong in an AssertionError, and ends its server", async () => {
    const bad = broken({ read: (response) => ({ ...good.read(response), stopReason: undefined }) });
    let ended = 0;
    const serve: typeof bad.serve = async (steps) => {
      const server = await bad.serve(steps);
      const close = async () => {
        ended++;
        await server.close();
      };
      return { client: server.client, requests: server.requests, close };
    };
    const [first] = conformance({ ...bad, serve });
    const error = await thrownBy(() => first?.run());
    expect(error).toBeInstanceOf(AssertionError);
    expect(ended).toBe(1);
  });

  test("what stands around a test is not in its way", async () => {
    const [first] = conformance(subject);
    await within({ layers: [noRequests()], signal: AbortSignal.abort() }, async () => first?.run());
  });

  test("takes a provider whose members are a class's", async () => {
    class Classy {
      readonly #own = good;
      readonly name = good.name;
      client = (given: unknown) => this.#own.client(given);
      params(request: CallRequest<ProviderTypes>) {
        return this.#own.params(request);
      }
      create(...parts: Parameters<Own["create"]>) {
        return this.#own.create(...parts);
      }
      stream(...parts: Parameters<Own["stream"]>) {
        return this.#own.stream(...parts);
      }
      read(response: object) {
        return this.#own.read(response);
      }
      readChunk(...parts: Parameters<Own["readChunk"]>) {
        return this.#own.readChunk(...parts);
      }
      messageParam(response: object) {
        return this.#own.messageParam(response);
      }
      toolMessages(...parts: Parameters<Own["toolMessages"]>) {
        return this.#own.toolMessages(...parts);
      }
    }
    expect(await failed({ ...subject, provider: new Classy() })).toEqual([]);
  });

  test.each([
    [undefined, "it was given undefined"],
    [{ ...subject, provider: "openai" }, "its provider is"],
    [{ ...subject, model: "" }, "its model is"],
    [{ ...subject, serve: undefined }, "its serve is"],
    [{ ...subject, server: 1 }, 'no option "server"'],
    [{ ...subject, traits: { part: [] } }, 'no trait "part"'],
  ])("refuses what is no subject: %#", (given, words) => {
    expect(() => conformance(given as never)).toThrow(ConfigError);
    expect(() => conformance(given as never)).toThrow(words);
  });
});
