import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answer, serve, toolUse } from "../../test/support/anthropic-server.ts";
import { completion, startChat, textChunks, toolCall, toolChunks } from "../../test/support/chat-server.ts";
import { status } from "../../test/support/fault-server.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";

const Note = z.object({ title: z.string().optional() });
const hi = () => "Hi";

describe("a call that came as an object, under the token limit", () => {
  const cut = (...content: object[]) => serve(status(200, answer({ content, stop_reason: "max_tokens" })));

  test("may be cut where it is the last one, and is whole before that", async () => {
    await using whole = await cut(toolUse("a", "answer", { title: "Dune" }), toolUse("b", "other", { x: 1 }));
    const call = anthropic.call("m", { responseModel: Note }, hi);
    expect(await call.with({ client: whole.client })()).toEqual({ title: "Dune" });
    await using last = await cut(toolUse("b", "other", { x: 1 }), toolUse("a", "answer", { title: "Dune" }));
    expect(await thrownBy(call.with({ client: last.client }))).toMatchObject({ kind: "truncated" });
  });

  test("the same of a tool's arguments", async () => {
    const note = tool({ name: "note", parameters: Note, call: ({ title }) => title });
    await using api = await cut(toolUse("a", "note", { title: "Dune" }), toolUse("b", "note", { title: "Du" }));
    const { tools } = await anthropic.call("m", { client: api.client, tools: [note] }, hi)();
    expect(tools?.[0]?.args).toEqual({ title: "Dune" });
    expect(() => tools?.[1]?.args).toThrow("the token limit cut them off");
  });
});

test("empty arguments are an empty object, unless the token limit was met before they began", async () => {
  const empty = (finish: string) => completion({ tool_calls: [toolCall("answer", "")], finish });
  await using server = await startChat(empty("tool_calls"), empty("length"));
  const call = openai.call("m", { client: server.client, responseModel: Note }, hi);
  expect(await call()).toEqual({});
  expect(await thrownBy(call)).toMatchObject({ kind: "truncated" });
  const note = tool({ name: "answer", parameters: Note, call: hi });
  await using tools = await startChat(empty("tool_calls"), empty("length"));
  const offer = openai.call("m", { client: tools.client, tools: [note] }, hi);
  expect((await offer()).tool?.args).toEqual({});
  const second = await offer();
  expect(() => second.tool?.args).toThrow("the token limit cut them off");
});

test("[D12] [D13] arguments with thoughts or a fence around them are taken, with prose around them not", async () => {
  const note = tool({ name: "note", parameters: Note, call: hi });
  const ask = async (args: string) => {
    await using server = await startChat(completion({ tool_calls: [toolCall("note", args)] }));
    return await openai.call("m", { client: server.client, tools: [note] }, hi)();
  };
  const taken = [
    ['<think>{"title":"Draft"}</think>{"title":"Dune"}', "thoughts"],
    ['```json\n{"title":"Dune"}\n```', "fence"],
    [JSON.stringify('{"title":"Dune"}'), "json_text"],
  ] as const;
  for (const [args, repair] of taken) {
    const response = await ask(args);
    expect(response.tool?.args).toEqual({ title: "Dune" });
    expect(response.repairs).toEqual([repair]);
  }
  for (const args of ['Maybe {"title":"Dune"}?', '{"title":"Du', '{"title":"Dune"}{"title":"Ubik"}']) {
    const { tool: use } = await ask(args);
    expect(() => use?.args).toThrow("they are not JSON");
  }
});

test("elements of an array with a least length come as they are whole, not at the end", async () => {
  await using server = await startChat(
    textChunks('{"value":[{"title":"Dune"},', '{"title":"Ubik"},', '{"title":"Emma"}', "]}"),
  );
  const responseModel = z.array(z.object({ title: z.string() })).min(3);
  const stream = openai.call("m", { stream: true, client: server.client, responseModel, jsonMode: true }, hi)();
  const given: string[] = [];
  for await (const { title } of stream.elements()) {
    given.push(title);
    expect(stream.stream.content).not.toContain("]}");
  }
  expect(given).toEqual(["Dune", "Ubik", "Emma"]);
});

test("the call that carries the answer is no tool, also where the stream beneath is iterated", async () => {
  await using server = await startChat(toolChunks("answer", "a", ['{"title":', '"Dune"}']));
  const options = { stream: { partialTools: true }, client: server.client, responseModel: Note } as const;
  const structured = openai.call("m", options, hi)();
  const tools: unknown[] = [];
  for await (const [, used] of structured.stream) tools.push(used);
  expect(tools.length).toBeGreaterThan(2);
  expect(new Set(tools)).toEqual(new Set([undefined]));
  expect(structured.response.toolCalls).toBeUndefined();
});
