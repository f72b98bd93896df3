import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { toolLoop } from "../../src/loop/tool-loop.ts";
import { Messages } from "../../src/message/message.ts";
import { tool } from "../../src/tools/tool.ts";
import { ask, type Said, serve } from "./lane.ts";
import { lanes } from "./lanes/index.ts";

// A step of a tool loop converts its own turns alone. What is sent is, byte for byte, what a conversion of the whole sends.

const look = tool({
  name: "look",
  description: "Looks something up.",
  parameters: z.object({ what: z.string() }),
  call: ({ what }) => (what === "none" ? new Error("There is none.") : `All about ${what}.`),
});
const calling = (...whats: readonly string[]) =>
  whats.map((what, index) => ({ id: `call_${what}_${index}`, name: "look", args: JSON.stringify({ what }) }));

const steps: Readonly<Record<string, readonly Said[]>> = {
  "one call a step": [{ toolCalls: calling("a") }, { toolCalls: calling("b") }, { toolCalls: calling("c") }],
  "several, words beside them, an error": [
    { text: "Let me look.", toolCalls: calling("a", "none") },
    { toolCalls: calling("b", "c", "d") },
    { text: "Once more.", toolCalls: calling("none") },
  ],
  "the same id again and again, and none": [
    { toolCalls: [{ id: "call_1", name: "look", args: '{"what":"a"}' }] },
    { toolCalls: [{ id: "call_1", name: "look", args: '{"what":"b"}' }] },
    { toolCalls: [{ id: "", name: "look", args: '{"what":"c"}' }] },
  ],
  "a tool that is not there, arguments that do not fit": [
    { toolCalls: [{ id: "call_1", name: "find", args: "{}" }] },
    { toolCalls: [{ id: "call_2", name: "look", args: '{"who":1}' }] },
    { toolCalls: calling("a") },
  ],
  thoughts: [
    { thinking: "Hm.", toolCalls: calling("a") },
    { thinking: "So.", toolCalls: calling("b") },
    { text: "And now:", toolCalls: calling("c") },
  ],
};
const opening = {
  "a user's words": () => [Messages.user("Hi")],
  "a system prompt and a conversation": () => [
    Messages.system("Be brief."),
    Messages.user("Hi"),
    Messages.assistant("Hello."),
    Messages.user("Look this up."),
  ],
};

describe.each(lanes)("$name: growing loops", (lane) => {
  describe.each(Object.entries(opening))("%s", (_, write) => {
    test.each(Object.entries(steps))("%s", async (_name, said) => {
      for (const stream of [false, true]) {
        await using server = await serve(lane, ...said, { text: "Done." });
        const options = { client: server.client, tools: [look], stream };
        const params = vi.spyOn(lane.provider, "params");
        const result = await toolLoop(lane.call(lane.model, options, write) as never)();
        const converted = params.mock.calls.map(([{ messages }]) => messages.length);
        params.mockRestore();
        expect(result.status).toBe("done");
        const conversation = [...write(), ...result.turns.slice(0, -1)];
        await server.close();
        await using whole = await serve(lane, { text: "Done." });
        const again = ask(lane, { ...options, client: whole.client }, () => conversation)();
        if (stream) for await (const _step of again as unknown as AsyncIterable<unknown>);
        else await again;
        expect(server.body(said.length)).toEqual(whole.body());
        // The head, the answer and its results.
        expect(Math.min(...converted.slice(-1))).toBeLessThan(conversation.length);
      }
    });
  });
});
