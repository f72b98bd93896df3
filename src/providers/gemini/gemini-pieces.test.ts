import { describe, expect, test } from "vitest";
import { type Handler, sse, whole } from "../../../test/support/fault-server.ts";
import { asked, event, serve } from "../../../test/support/gemini-server.ts";
import { collect, thrownBy } from "../../../test/support/replay.ts";
import { StreamError } from "../../read/stream-error.ts";
import { jsonSchema } from "../../schema/schema.ts";
import { tool } from "../../tools/tool.ts";
import { gemini } from "./index.ts";

async function streamed(handler: Handler, options: object = {}) {
  const api = await serve(handler);
  const stream = gemini.call(asked, { ...options, client: api.client, stream: true }, () => "Hi")();
  return { api, stream, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

describe("arguments that come in pieces", () => {
  const piece = (jsonPath: string, value: object, willContinue?: boolean) => ({
    jsonPath,
    ...value,
    ...(willContinue && { willContinue }),
  });
  const events = sse(
    event([{ functionCall: { name: "cook", id: "c1", willContinue: true }, thoughtSignature: "c2ln" }]),
    event([
      { functionCall: { partialArgs: [piece("$.steps[0].what", { stringValue: "Bo" }, true)], willContinue: true } },
    ]),
    event([
      { functionCall: { partialArgs: [piece("$.steps[0].what", { stringValue: 'il "it"' })], willContinue: true } },
    ]),
    event([
      {
        functionCall: {
          partialArgs: [
            piece("$.steps[0].minutes", { numberValue: 3 }),
            piece("$.steps[1].what", { stringValue: "Eat" }),
          ],
          willContinue: true,
        },
      },
    ]),
    event([{ functionCall: { partialArgs: [piece("$.hot", { boolValue: true })], willContinue: true } }]),
    event([{ functionCall: {} }]),
    event([{ functionCall: { name: "cook", partialArgs: [piece("$.hot", { nullValue: "NULL_VALUE" })] } }]),
    event(undefined, "STOP"),
  );
  const first = { steps: [{ what: 'Boil "it"', minutes: 3 }, { what: "Eat" }], hot: true };
  const cook = tool({
    name: "cook",
    parameters: jsonSchema({ type: "object", properties: { hot: {} } }),
    call: () => 1,
  });

  test("are one call each, whole at its end", async () => {
    await using run = await streamed(whole(events), { tools: [cook] });
    const uses = (await collect(run.stream)).flatMap(([, use]) => use ?? []);
    expect(uses.map(({ id, args }) => [id, args])).toEqual([
      ["c1", first],
      ["", { hot: null }],
    ]);
    expect(run.stream.messageParam.parts).toEqual([
      { functionCall: { id: "c1", name: "cook", args: first }, thoughtSignature: "c2ln" },
      { functionCall: { name: "cook", args: { hot: null } } },
    ]);
  });

  test("can be watched as they grow", async () => {
    await using api = await serve(whole(events));
    const options = { client: api.client, tools: [cook], stream: { partialTools: true } } as const;
    const steps = await collect(gemini.call(asked, options, () => "Hi")());
    const partials = steps.flatMap(([, use]) => (use !== undefined && "delta" in use ? [use] : []));
    const deltas = partials.filter(({ id }) => id === "c1").map(({ delta }) => delta);
    expect(JSON.parse(deltas.join(""))).toEqual(first);
    expect(partials.map(({ args }) => args)).toContainEqual({ steps: [{ what: "Bo" }] });
  });

  test("that never end are no whole call", async () => {
    await using run = await streamed(whole(events.slice(0, 3)), { tools: [cook] });
    const error = await thrownBy(() => collect(run.stream));
    expect(error).toMatchObject({ code: "stream_ended_early" });
    expect(run.stream.draft.calls.map(({ complete }) => complete)).toEqual([false]);
    const { partial } = error as StreamError & { readonly partial: gemini.CallResponse | undefined };
    expect(partial?.toolCalls?.[0]?.input).toEqual({ steps: [{ what: 'Boil "it"' }] });
  });

  test("for a place that cannot be are an error", async () => {
    const wrong = event(
      [{ functionCall: { name: "cook", partialArgs: [piece("$..[?@.x]", { stringValue: "x" })] } }],
      "STOP",
    );
    await using run = await streamed(whole(sse(wrong)), { tools: [cook] });
    expect(await thrownBy(() => collect(run.stream))).toBeInstanceOf(StreamError);
  });
});
