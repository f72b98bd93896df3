import { expect, test } from "vitest";
import { inTurn, status } from "../../../../test/support/fault-server.ts";
import { deepFreeze } from "../../../../test/support/replay.ts";
import { answer, functionCall, message, reasoning, serve } from "../../../../test/support/responses-server.ts";
import { toolLoop } from "../../../loop/tool-loop.ts";
import { Messages } from "../../../message/message.ts";
import { tool } from "../../../tools/tool.ts";
import { responses } from "../index.ts";

const now = tool({ name: "get_time", call: () => "12:00" });
const bare = reasoning(["Hm."], { encrypted_content: null });
const sealed = reasoning(["Hm."], { id: "rs_2" });
const call = functionCall("a", "get_time", "{}");

test("[A8] a thought that is stored nowhere is not sent back by its id", async () => {
  for (const store of [false, true]) {
    await using api = await serve(inTurn(status(200, answer([bare, sealed, call])), status(200, answer())));
    const options = { client: api.client, tools: [now], callParams: { store } };
    await toolLoop(responses.call("gpt-5-mini", options, () => "Hi"))();
    expect((api.body(1).input as object[]).slice(1)).toEqual([
      ...(store ? [bare] : []),
      sealed,
      call,
      { type: "function_call_output", call_id: "a", output: "12:00" },
    ]);
  }
  const turn = deepFreeze({ role: "assistant", output: [bare, message("Yes.")] }) as never;
  const prompt = () => ({ messages: [Messages.user("Hi"), turn, Messages.user("And?")] });
  const { request, changes } = await responses.call("gpt-5-mini", { callParams: { store: false } }, prompt).prepare();
  expect((request.input as object[])[1]).toEqual(message("Yes."));
  expect(changes).toEqual(["Thoughts that are stored nowhere are left out: 1."]);
});

test("[A1] an answer of thoughts only is left out: the API wants what follows them", async () => {
  const turn = { role: "assistant", output: [sealed, message("")] } as never;
  const { request, changes } = await responses
    .call("m", () => [Messages.user("Hi"), turn, Messages.user("?")])
    .prepare();
  expect(request.input).toEqual([Messages.user("Hi"), Messages.user("?")]);
  expect(changes).toEqual(["Answers that say nothing are left out: 1."]);
});
