import { GenerateContentResponse } from "@google/genai";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { completion, startChat, textChunks } from "../../test/support/chat-server.ts";
import * as google from "../../test/support/gemini-server.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { call as anyCall } from "../any-provider.ts";
import type { Layer } from "../contract/layer.ts";
import { Received } from "../contract/received.ts";
import { ConfigError } from "../errors/errors.ts";
import { gemini } from "../providers/gemini/index.ts";
import { groq } from "../providers/groq/index.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";

const say = (text: string) => text;
const travelled = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const add = tool({ name: "add", call: () => 1 });

describe("send and read", () => {
  test("run the prompt once, and go through the layers", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    let [prompts, seen] = [0, 0];
    const layer: Layer = {
      send(request, next) {
        seen++;
        return next(request);
      },
    };
    const write = (text: string) => {
      prompts++;
      return text;
    };
    const call = openai.call("m", { client: server.client, layers: [layer] }, write);
    const prepared = await call.prepare("hi");
    const received = await call.send(travelled(prepared));
    expect(received).toBeInstanceOf(Received);
    expect((await call.read(prepared, received)).content).toBe("Dune");
    expect([prompts, seen, server.requests.length]).toEqual([1, 1, 1]);
    expect(received.endTime).toBeGreaterThanOrEqual(received.startTime);
  });

  test("of a stream send the stream and give the answer it made", async () => {
    await using server = await startChat(textChunks("Du", "ne"));
    const call = openai.call("gpt-4o-mini", { stream: true, client: server.client }, say);
    const prepared = await call.prepare("hi");
    expect(prepared.stream).toBe(true);
    const received = travelled(await call.send(travelled(prepared)));
    const response = await call.read(travelled(prepared), received);
    expect(response).toMatchObject({ content: "Dune", outputTokens: 5, fnArgs: ["hi"] });
    expect(response.cost).toBeGreaterThan(0);
  });

  test("give a model made of the arguments those of their JSON form, and what a parser makes", async () => {
    await using server = await startChat(completion({ content: '{"n":3}' }));
    const least = (_: string, from: { n: number }) => z.object({ n: z.number().min(from.n) });
    const call = openai.call(
      "m",
      { responseModel: least, jsonMode: true, client: server.client, outputParser: ({ n }: { n: number }) => n * 2 },
      (text: string, _: { n: number }) => text,
    );
    const prepared = travelled(await call.prepare("hi", { n: 3 }));
    expect(await call.read(prepared, travelled(await call.send(prepared)))).toBe(6);
  });

  test("revive the class of an SDK whose responses have one", async () => {
    await using server = await google.serve();
    const call = gemini.call(google.asked, { client: server.client }, say);
    const prepared = travelled(await call.prepare("hi"));
    const stored = JSON.stringify(await call.send(prepared));
    const { response } = await call.read(prepared, JSON.parse(stored) as never);
    expect(response).toBeInstanceOf(GenerateContentResponse);
    expect(response.text).toBe("Hello");
  });

  test("refuse what was prepared for another provider, in another version, or of another kind", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const client = server.client;
    const call = openai.call("m", { client }, say);
    const prepared = travelled(await call.prepare("hi"));
    const refusals: [work: () => unknown, message: string][] = [
      [() => groq.call("m", say).send(prepared as never), "prepared for openai; the call it is given to is on groq"],
      [() => call.send({ ...prepared, version: 2 } as never), "version 2 cannot be sent"],
      [() => call.send({} as never), "not a prepared call"],
      [
        () => openai.call("m", { stream: true, client }, say).send(prepared),
        "does not stream; the one it is given to does",
      ],
      [() => openai.call("m", { jsonMode: true, client }, say).send(prepared), "response model or JSON mode"],
      [() => call.read(prepared, {} as never), "takes what send() gave"],
      [() => call.read(prepared, { version: 3, response: {} } as never), "version 3 cannot be read"],
    ];
    for (const [work, message] of refusals) {
      const error = await thrownBy(work as () => Promise<unknown>);
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).toContain(message);
    }
    expect(server.requests).toHaveLength(0);
  });

  test("name the tools and the client of a prompt that are no data", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const client = server.client;
    const call = openai.call("m", () => ({ messages: "hi", tools: [add] as const, client }));
    const prepared = await call.prepare();
    expect((await call.send(prepared)).response.id).toBe("chatcmpl-1");
    const stored = travelled(prepared);
    expect(await thrownBy(() => call.send(stored))).toMatchObject({
      message: expect.stringContaining("a client of its own"),
    });
    const given = call.with({ client });
    expect(await thrownBy(() => given.send(stored))).toMatchObject({
      message: expect.stringContaining("the tools add"),
    });
    expect((await given.with({ tools: [add] }).send(stored)).response.id).toBe("chatcmpl-1");
    expect(server.requests[0]?.body).toEqual(server.requests[1]?.body);
  });

  test("work for a provider that is chosen when the program runs", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    const call = anyCall("openai/gpt-4o-mini", { callParams: { maxTokens: 7 } }, say).with({ client: server.client });
    const prepared = travelled(await call.prepare("hi"));
    expect((await call.read(prepared, travelled(await call.send(prepared)))).content).toBe("Dune");
    expect(server.bodies[0]).toMatchObject({ max_completion_tokens: 7 });
  });
});
