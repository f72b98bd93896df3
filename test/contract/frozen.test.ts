import { describe, expect, test } from "vitest";
import { toolLoop } from "../../src/loop/tool-loop.ts";
import { Messages } from "../../src/message/message.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { tool } from "../../src/tools/tool.ts";
import { collect, deepFreeze } from "../support/replay.ts";
import { ask, askFor, growing, serve, streamOf } from "./lane.ts";
import { lanes } from "./lanes/index.ts";
import { modes, saidAs } from "./shapes.ts";

const picture = {
  type: "image",
  data: Buffer.from("89504e470d0a1a0a", "hex").toString("base64"),
  mediaType: "image/png",
};

// All of it plain data, so that it can be frozen to the bottom.
const parameters = deepFreeze({
  type: "object",
  properties: { when: { type: "object", properties: { day: { type: "string", enum: ["today"] } } } },
  required: ["when"],
});
const Book = jsonSchema<{ title: string; tags?: string[] }>(
  deepFreeze({
    title: "Book",
    type: "object",
    properties: { title: { type: "string" }, tags: { type: "array", items: { type: "string" } } },
    required: ["title"],
  }),
);
const look = deepFreeze(
  tool({ name: "look", description: "Looks.", parameters, call: () => deepFreeze({ seen: [1] }) }),
);
const lookCall = { id: "call_1", name: "look", args: '{"when":{"day":"today"}}' };

// Whoever changes something frozen throws, as all modules are strict.
// checklist: 55
// faults: 59
describe.each(lanes)("$name: frozen to the bottom", (lane) => {
  const messages = deepFreeze([
    Messages.system("Be brief."),
    {
      role: "user",
      content: [{ type: "text", text: "Look:" }, ...(lane.traits.parts.includes("picture") ? [picture] : [])],
    },
    { role: "assistant", content: [{ type: "tool_call", id: "call_1", name: "look", arguments: lookCall.args }] },
    { role: "tool", content: [{ type: "tool_result", id: "call_1", name: "look", content: "a cat" }] },
    Messages.assistant("It is a cat."),
    lane.native.user("And now?"),
  ]);
  const config = () => deepFreeze({ messages, metadata: { tags: ["a"] }, callParams: lane.native.params });
  const callParams = deepFreeze(structuredClone(lane.native.params));

  test("messages, parameters, tools and configuration stay as they are, whole and streamed", async () => {
    const before = JSON.stringify([messages, callParams, look]);
    await using server = await serve(lane, { text: "ok" });
    const options = { client: server.client, tools: deepFreeze([look]), callParams };
    const response = await ask(lane, options, config)();
    await collect(streamOf(lane, options, config)());
    expect([response.content, server.requests.length]).toEqual(["ok", 2]);
    expect(JSON.stringify([messages, callParams, look])).toBe(before);
    // checklist: 54
    expect(response.messages.at(-1)).toEqual(messages.at(-1));
    const { messages: chat, contents, input } = server.body();
    expect([chat, contents, input].flat()).toContainEqual(lane.native.user("And now?"));
  });

  test.each(modes.map((mode) => [mode.name, mode.jsonMode] as const))(
    "so do they with a response model, by %s",
    async (_, jsonMode) => {
      const base = { responseModel: Book, jsonMode, callParams };
      const wrong = await saidAs(lane, base, { title: 1 });
      const right = await saidAs(lane, base, { title: "Dune" });
      await using server = await serve(lane, wrong, right);
      const options = { ...base, client: server.client };
      expect(await askFor(lane, { ...options, retries: { validation: 1 } }, config)()).toEqual({ title: "Dune" });
      expect((await collect(growing(lane, options, config)())).at(-1)).toEqual({ title: "Dune" });
      expect(server.requests).toHaveLength(3);
    },
  );

  test("arguments, turns and results of tools do, too", async () => {
    await using server = await serve(lane, { toolCalls: [lookCall] }, { text: "done" });
    const options = { client: server.client, tools: [look] };
    const args = deepFreeze({ list: [{ a: 1 }] });
    const response = await ask(lane, options, ({ list }: typeof args) => `There are ${list.length}.`)(args);
    expect(response.fnArgs).toEqual([args]);
    const turn = deepFreeze(response.messageParam);
    const [use] = response.tools ?? [];
    if (use === undefined) throw new Error("The call should be there.");
    const results = deepFreeze(response.toolMessageParams([[use, await use.call()]]));
    const message = deepFreeze(response.message);
    const result = deepFreeze(response.toolMessage([[use, "a cat"]]));
    await ask(lane, options, () => deepFreeze({ messages: [Messages.user("Hi"), turn, ...results] }))();
    await ask(lane, options, () => deepFreeze([Messages.user("Hi"), message, result]))();
    const looped = lane.call(lane.model, options, () => messages);
    expect(await toolLoop(looped as never)()).toMatchObject({ status: "done" });
  });
});
