import { describe, expect, test } from "vitest";
import { whole } from "../../../test/support/fault-server.ts";
import {
  chunk,
  completion,
  events,
  send,
  sentMessages,
  toolCall,
  type Wire,
} from "../../../test/support/mistral-wire.ts";
import { thrownBy } from "../../../test/support/replay.ts";
import { Messages } from "../../message/message.ts";
import { mistral } from "./index.ts";

const hi = Messages.user("Hi");
const next = Messages.user("And?");

describe("[A11] a conversation that ends with the assistant", () => {
  const begun = { role: "assistant", content: "The answer is", prefix: true };

  test("is one that goes on from there", async () => {
    expect(await sentMessages([hi, Messages.assistant("The answer is")])).toEqual([hi, begun]);
    expect(await sentMessages([hi, { role: "assistant", content: "The answer is", prefix: false }])).toEqual([
      hi,
      begun,
    ]);
    const asked = mistral.call("m", () => [hi, Messages.assistant("The answer is")]);
    const { changes } = await asked.prepare();
    expect(changes).toEqual(["An answer at the end is marked as the beginning of the next (prefix): 1."]);
  });

  test("unless it is the user's turn, or a tool's", async () => {
    const call = toolCall("abcDEF123", "now", "{}");
    const sent = await sentMessages([hi, Messages.assistant("Yes."), next]);
    expect(sent[1]).toEqual({ role: "assistant", content: "Yes.", prefix: false });
    const native = { role: "assistant", content: "", toolCalls: [call] };
    expect((await sentMessages([hi, native]))[1]).toMatchObject({ prefix: false });
  });
});

describe("[A12] a piece of an answer that the SDK does not know", () => {
  const content = [
    { type: "chart", x: 1 },
    { type: "text", text: "4" },
  ];
  const ways: [string, () => Promise<mistral.CallResponse>][] = [
    [
      "whole",
      async () => (await send((client) => mistral.call("m", { client }, () => "x")(), completion({ content }))).result,
    ],
    [
      "streamed",
      async () => {
        const answer = whole(
          events(chunk({ role: "assistant", content: content as unknown as Wire[] }), chunk({ content: "" }, "stop")),
        );
        const run = async (client: object) => {
          const stream = mistral.call("m", { client: client as never, stream: true }, () => "x")();
          for await (const _ of stream);
          return stream.constructCallResponse();
        };
        return (await send(run, answer)).result;
      },
    ],
  ];

  test.each(ways)("%s, is left out of what is sent back, and that is told", async (_, answer) => {
    const response = await answer();
    for (const turn of [response.messageParam, response.message]) {
      expect((await sentMessages([hi, turn, next]))[1]).toEqual({
        role: "assistant",
        content: [{ type: "text", text: "4" }],
        prefix: false,
      });
      const { changes } = await mistral.call("m", () => [hi, turn, next]).prepare();
      expect(changes).toEqual(["Pieces of answers that the SDK does not know are left out: 1."]);
    }
    expect(JSON.stringify(response.response)).toContain("chart");
  });

  test("is refused by name where it was written by hand", async () => {
    const written = { role: "assistant", content: [{ type: "chart", x: 1 }] };
    const error = await thrownBy(() => mistral.call("m", () => [hi, written as never, next]).prepare());
    expect(String(error)).toContain('"content[0]" is of the type "chart"');
  });

  test("alone is an answer that says nothing", async () => {
    const { result } = await send(
      (client) => mistral.call("m", { client }, () => "x")(),
      completion({ content: [{ type: "chart" }] }),
    );
    expect(await sentMessages([hi, result.messageParam, next])).toEqual([hi, next]);
  });
});
