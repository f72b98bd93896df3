import { expect, test } from "vitest";
import { completion, startChat, textChunks, toolCall } from "../../test/support/chat-server.ts";
import { fallback } from "../combine/fallback.ts";
import type { Layer } from "../contract/layer.ts";
import { openai } from "../providers/openai/index.ts";
import { within } from "../send/scope.ts";
import { tool } from "../tools/tool.ts";
import { toolLoop } from "./tool-loop.ts";

// What is called in a scope is in it wherever it is iterated, and so is all that it starts: a call in a tool's body, one in
// a prompt.

function noting() {
  const asked: string[] = [];
  const layer: Layer = {
    send: (request, next) => {
      asked.push(request.model);
      return next(request);
    },
    stream: (request, next) => {
      asked.push(request.model);
      return next(request);
    },
  };
  return { asked, layer };
}

const ok = completion({ content: "ok" });

test("a call that a tool of a loop makes is in the loop's scope, whoever iterates the loop", async () => {
  await using server = await startChat(completion({ tool_calls: [toolCall("look", {})] }), ok, ok);
  const { client } = server;
  const inner = openai.call("gpt-4o", { client }, () => "Look.");
  const look = tool({ name: "look", call: async () => (await inner()).content });
  const loop = toolLoop(openai.call("gpt-4o-mini", { client, tools: [look] }, () => "Hi"));
  const { asked, layer } = noting();
  const run = within({ layers: [layer] }, () => loop());
  for await (const _event of run);
  expect(asked).toEqual(["gpt-4o-mini", "gpt-4o", "gpt-4o-mini"]);
});

test("so is one that the prompt of a stream makes, of a call as of several legs", async () => {
  await using server = await startChat(ok, textChunks("ok"), ok, textChunks("ok"));
  const { client } = server;
  const inner = openai.call("gpt-4o", { client }, () => "Look.");
  const stream = openai.call("gpt-4o-mini", { client, stream: true }, async () => (await inner()).content);
  for (const call of [stream, fallback(stream, stream)]) {
    const { asked, layer } = noting();
    const steps = within({ layers: [layer] }, () => call());
    for await (const _step of steps);
    expect(asked).toEqual(["gpt-4o", "gpt-4o-mini"]);
  }
});
