import { describe, expect, test } from "vitest";
import {
  answer,
  blockEvents,
  eventStream,
  messageStart,
  serve,
  toolUse,
} from "../../../test/support/anthropic-server.ts";
import { inTurn, status, whole } from "../../../test/support/fault-server.ts";
import { toolLoop } from "../../loop/tool-loop.ts";
import { loadHistory, saveHistory } from "../../message/history.ts";
import { Messages } from "../../message/message.ts";
import { tool } from "../../tools/tool.ts";
import { anthropic } from "./index.ts";

const now = tool({ name: "now", call: () => "noon" });
const container = { id: "container_1", expires_at: "2030-01-01T00:00:00Z", skills: null };
const caller = { type: "code_execution_20250825", tool_id: "srvtoolu_1" };
const call = { ...toolUse("toolu_1", "now", {}), caller };
const called = answer({ content: [call], stop_reason: "tool_use", container });
const streamed = whole(
  eventStream(
    messageStart,
    ...blockEvents(0, call),
    {
      type: "message_delta",
      delta: { stop_reason: "tool_use", stop_sequence: null, container },
      usage: { output_tokens: 5 },
    },
    { type: "message_stop" },
  ),
);
const asked = "claude-haiku-4-5";

describe("[B9] a call made by code that waits in a container", () => {
  test.each([
    ["whole", false],
    ["streamed", true],
  ])("is answered into that container: in a loop, %s", async (_, stream) => {
    const last = stream ? whole(eventStream(messageStart, { type: "message_stop" })) : status(200, answer());
    await using api = await serve(inTurn(stream ? streamed : status(200, called), last));
    const options = { client: api.client, tools: [now] } as const;
    const bound = stream
      ? toolLoop(anthropic.call(asked, { ...options, stream: true }, () => "Hi"))
      : toolLoop(anthropic.call(asked, options, () => "Hi"));
    await bound();
    expect(api.body(0)).not.toHaveProperty("container");
    expect(api.body(1).container).toBe("container_1");
    expect((api.body(1).messages as object[])[1]).toEqual({ role: "assistant", content: [call] });
  });

  test("in a conversation that was stored, and beside what the caller says of containers", async () => {
    await using api = await serve(status(200, called));
    const response = await anthropic.call(asked, { client: api.client, tools: [now] }, () => "Hi")();
    const results = response.toolMessageParams((response.tools ?? []).map((use) => [use, "noon"]));
    for (const turn of [response.messageParam, response.message]) {
      const history = loadHistory(JSON.parse(JSON.stringify(saveHistory([Messages.user("Hi"), turn, ...results]))));
      const prepared = async (callParams: object, ...more: Parameters<typeof Messages.user>[0][]) =>
        (await anthropic.call(asked, { callParams }, () => [...history, ...more.map(Messages.user)]).prepare()).request;
      expect(await prepared({})).toMatchObject({ container: "container_1" });
      expect(await prepared({ container: "mine" })).toMatchObject({ container: "mine" });
      const skills = [{ type: "anthropic", skill_id: "pdf" }];
      expect((await prepared({ container: { skills } })).container).toEqual({ id: "container_1", skills });
      expect(JSON.stringify((await prepared({})).messages)).not.toContain("container_1");
    }
    const after = [
      Messages.user("Hi"),
      response.messageParam,
      ...results,
      Messages.assistant("Done."),
      Messages.user("?"),
    ];
    expect((await anthropic.call(asked, () => after).prepare()).request).not.toHaveProperty("container");
  });

  test("a turn that paused goes on there, too; one that waits for nothing does not", async () => {
    for (const [more, expected] of [
      [{ stop_reason: "pause_turn", container }, "container_1"],
      [{ container }, undefined],
      [{ content: [toolUse("toolu_1", "now", {})], stop_reason: "tool_use", container }, undefined],
    ] as const) {
      await using api = await serve(status(200, answer(more)));
      const response = await anthropic.call(asked, { client: api.client, tools: [now] }, () => "Hi")();
      const { request } = await anthropic.call(asked, () => [Messages.user("Hi"), response.messageParam]).prepare();
      expect(request.container).toBe(expected);
    }
  });
});
