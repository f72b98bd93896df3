import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { CallResponse } from "../../src/read/response.ts";
import { responseOf } from "../../src/structured/extract.ts";
import { ParseError } from "../../src/structured/parse-error.ts";
import { tool } from "../../src/tools/tool.ts";
import { thrownBy } from "../support/replay.ts";
import { ask, askFor, type Lane, type Said, serve } from "./lane.ts";
import { lanes } from "./lanes/index.ts";
import { cases, modes, saidAs } from "./shapes.ts";

const Book = z.object({ title: z.string(), pages: z.number().int() });
const book = { title: "Dune", pages: 412 };

const marks = {
  any: /"(?:tool_choice|toolChoice)":"(?:required|REQUIRED|any)"|"type":"any"|"any":\{\}|"mode":"ANY"/,
  force: /"tool_choice"|"toolChoice"|"functionCallingConfig"/,
  field: /"response_format"|"responseMimeType"|"text":\{"format"|"output_config"|"outputConfig"|"responseSchema"/,
  schema: /"json_schema"|"responseJsonSchema"|"responseSchema"|"type":"json_object"/,
};

describe.each(lanes)("$name: structured answers", (lane) => {
  // checklist: 127, 128, 129, 131, 135
  test.each(modes.flatMap((mode) => cases.map((shape) => [mode.name, shape.name, mode, shape] as const)))(
    "by %s: %s",
    async (_, __, { jsonMode }, { schema, value }) => {
      const options = { responseModel: schema, jsonMode };
      const said = await saidAs(lane, options, value);
      await using server = await serve(lane, said);
      const { value: got, response } = await askFor(lane, { ...options, client: server.client })().withResponse();
      expect(got).toEqual(value);
      expect(response).toMatchObject({ structuredMode: jsonMode === "schema" ? "schema" : jsonMode ? "json" : "tool" });
      expect(response.toolCalls?.length).toBe(jsonMode === false ? 1 : undefined);
      expect(response.tools).toBeUndefined();
      if (typeof got === "object" && got !== null) expect(responseOf(got)).toBe(response);
    },
  );

  // checklist: 133, 134, 137
  test("are asked for as the provider can: by a forced tool, by a field, in words", async () => {
    const sent = async (jsonMode: boolean | "schema") => {
      const options = { responseModel: Book, jsonMode };
      await using server = await serve(lane, await saidAs(lane, options, book));
      await askFor(lane, { ...options, client: server.client })();
      return {
        text: server.requests[0]?.text ?? "",
        words: server
          .turns()
          .map(({ text }) => text)
          .join("\n"),
      };
    };
    const byTool = await sent(false);
    expect(byTool.text).toMatch(marks.force);
    expect([byTool.text.match(marks.field), byTool.words]).toEqual([null, "Hi"]);
    const byJson = await sent(true);
    expect(byJson.words).toContain('"pages"');
    expect(marks.field.test(byJson.text)).toBe(lane.traits.json === "field");
    const bySchema = await sent("schema");
    expect(bySchema.text).toMatch(marks.field);
    expect(bySchema.text).toMatch(marks.schema);
    expect(bySchema.words.includes('"pages"')).toBe(lane.traits.schema === "field and words");
  });

  // checklist: 130, 132
  // faults: 61, 62, 63
  test.each(failures(lane))("that fail are a typed error: %s", async (kind, _, { jsonMode, said, text }) => {
    await using server = await serve(lane, said);
    const error = await thrownBy(askFor(lane, { client: server.client, responseModel: Book, jsonMode }));
    expect(error).toBeInstanceOf(ParseError);
    const { response, ...parse } = error as ParseError & { readonly response: CallResponse };
    expect(parse).toMatchObject({ kind, text: expect.stringContaining(text), attempts: [] });
    expect(response).toMatchObject({ inputTokens: 10, outputTokens: 5, id: lane.id });
    expect(response.cost).toBeTypeOf("number");
    expect(parse.issues.length > 0).toBe(kind === "invalid_data");
    expect(server.requests).toHaveLength(1);
  });

  test("that fail are asked for again, with what was wrong, as often as was allowed", async () => {
    for (const jsonMode of [false, true]) {
      const options = { responseModel: Book, jsonMode };
      const wrong = await saidAs(lane, options, { title: "Dune", pages: "many" });
      await using server = await serve(lane, wrong, await saidAs(lane, options, book));
      const asked = askFor(lane, { ...options, client: server.client, retries: { validation: 1 } });
      const { value, response } = await asked().withResponse();
      expect(value).toEqual(book);
      expect(response.attempts).toHaveLength(1);
      const turns = server.turns(1);
      const last = turns.at(-1);
      expect(turns.map(({ role }) => role)).toContain("assistant");
      expect([last?.text, ...(last?.results ?? []).map(({ text }) => text)].join("")).toContain("pages: ");
    }
  });

  // checklist: 39, 49
  test("beside tools give the response when a tool was called, else the value", async () => {
    const now = tool({ name: "now", description: "Tells the time.", call: () => "noon" });
    const options = { responseModel: Book, tools: [now] };
    const toolCalls = [{ id: "call_1", name: "now", args: "{}" }];
    await using server = await serve(lane, { toolCalls }, await saidAs(lane, options, book));
    const asked = askFor<CallResponse | typeof book>(lane, { ...options, client: server.client });
    const first = await asked();
    expect((first as CallResponse).tools?.map(({ name }) => name)).toEqual(["now"]);
    expect(await asked()).toEqual(book);
    // The model has to call one of them, and may choose which.
    expect(server.requests[0]?.text).toMatch(marks.any);
    // A dynamic configuration takes the tools away, not the answer's shape.
    const without = askFor(lane, { ...options, client: server.client }, () => ({ messages: "Hi", tools: [] }));
    expect(await without()).toEqual(book);
    expect(server.requests[2]?.text).not.toContain('"now"');
  });

  // checklist: 84, 136
  test("JSON mode alone leaves the content to the caller", async () => {
    await using server = await serve(lane, { text: '{"any":[1]}' });
    const response = await ask(lane, { client: server.client, jsonMode: true })();
    expect(response.content).toBe('{"any":[1]}');
    expect(response.structuredMode).toBe("json");
    const { text } = server.requests[0] ?? { text: "" };
    expect(text.toUpperCase()).toContain("JSON");
    expect(marks.field.test(text)).toBe(lane.traits.json === "field");
    expect(response.userMessageParam).toBeDefined();
  });

  // checklist: 142
  test("an output parser gets the response or the value; what it throws carries the response", async () => {
    const options = { responseModel: Book };
    await using server = await serve(lane, { text: "a, b" }, await saidAs(lane, options, book), { text: "x" });
    const { client } = server;
    const split = ({ content }: CallResponse) => content.split(", ");
    expect(await askFor(lane, { client, outputParser: split })()).toEqual(["a", "b"]);
    const titled = async ({ title }: typeof book) => title;
    expect(await askFor(lane, { ...options, client, outputParser: titled })()).toBe("Dune");
    const cause = new Error("no");
    const fail = () => {
      throw cause;
    };
    const error = await thrownBy(askFor(lane, { client, outputParser: fail }));
    expect(error).toMatchObject({ code: "parse", kind: "output_parser", cause, text: "x", response: { id: lane.id } });
  });
});

interface Failure {
  readonly jsonMode: boolean;
  readonly said: Said;
  readonly text: string;
}

/** What can go wrong, and the text that was to be the value. */
function failures(lane: Lane): [kind: string, what: string, failure: Failure][] {
  const json = (text: string, more: Said = {}): Failure => ({ jsonMode: true, said: { text, ...more }, text });
  const other = { id: "call_1", name: "other", args: '{"title":"Dune","pages":1}' };
  const refusal: Failure = { jsonMode: false, said: { refusal: "I will not." }, text: "I will not." };
  return [
    ["no_tool_call", "prose for a tool call", { jsonMode: false, said: { text: "No idea." }, text: "No idea." }],
    ["wrong_tool", "another tool", { jsonMode: false, said: { toolCalls: [other] }, text: '"Dune"' }],
    ["truncated", "a cut before the call", { jsonMode: false, said: { text: "I", finish: "length" }, text: "I" }],
    ["invalid_json", "no JSON", json("No idea.")],
    ["invalid_data", "a wrong type", json('{"title":"Dune","pages":"many"}')],
    ["invalid_data", "a missing key", json('Here: ```json\n{"title":"Dune {"}\n```')],
    ["truncated", "cut JSON", json('{"title":"Du', { finish: "length" })],
    ...(lane.traits.refusal ? [["refused", "a refusal", refusal] satisfies [string, string, Failure]] : []),
  ];
}
