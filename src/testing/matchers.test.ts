import { describe, expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { collect } from "../../test/support/replay.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";
import { answer, fake, matchers, type ToolNameOf } from "./index.ts";

expect.extend(matchers);

const count = tool({ name: "count", parameters: z.object({ title: z.string(), at: z.number() }), call: () => "3" });
const list = tool({ name: "list", parameters: z.object({ all: z.boolean() }), call: () => "none" });
const called = answer({ toolCalls: [{ name: "count", args: { title: "Dune", at: 1 } }] });
const ask = openai.call("gpt-4o-mini", { tools: [count, list] }, (text: string) => text);
const messageOf = (check: () => void): string => {
  try {
    check();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("It did not fail.");
};

describe("the matchers", () => {
  test("toHaveSent finds a text, a pattern, or a part of the request", async () => {
    const model = fake(["a", "b"]);
    expect(messageOf(() => expect(model).toHaveSent("x"))).toContain("Nothing was sent.");
    await ask.with({ layers: [model], callParams: { temperature: 0 } })("one fish");
    await ask.with({ layers: [model] })("two fish");
    expect(model).toHaveSent("two fish");
    expect(model).toHaveSent(/^one/);
    expect(model).toHaveSent({ temperature: 0, messages: [{ content: expect.stringContaining("one") }] });
    expect(model).not.toHaveSent({ temperature: 1 });
    const message = messageOf(() => expect(model).toHaveSent({ seed: 7 }));
    expect(message).toContain("Expected a request with { seed: 7 } to have been sent.\n2 sent:\n  1. {");
    expect(messageOf(() => expect(model).not.toHaveSent("fish"))).toContain("and not so");
    expect(messageOf(() => expect({}).toHaveSent("fish"))).toContain("toHaveSent is for a fake() or a tape()");
  });

  test("toHaveCalledTool knows responses, streams and loops, and types names and arguments", async () => {
    const model = fake([called, called, called, "done"]);
    const response = await ask.with({ layers: [model] })("x");
    expect(response).toHaveCalledTool("count", { title: "Dune" });
    expect(response).not.toHaveCalledTool("list");
    // @ts-expect-error no such tool was offered
    expect(response).not.toHaveCalledTool("cuont");
    // @ts-expect-error no such argument
    expect(response).not.toHaveCalledTool("count", { titel: "Dune" });
    const streamed = openai
      .call("gpt-4o-mini", { stream: true, tools: [count] }, () => "x")
      .with({ layers: [model] })();
    await collect(streamed);
    expect(streamed).toHaveCalledTool("count", { at: expect.any(Number) });
    const run = await toolLoop(ask.with({ layers: [model] }))("x");
    expect(run).toHaveCalledTool("count");
    const message = messageOf(() => expect(run).toHaveCalledTool("count", { title: "Emma" }));
    expect(message).toBe(
      "Expected the tool 'count' to have been called with { title: 'Emma' }.\nCalled were:\n  count({ title: 'Dune', at: 1 })",
    );
    expect(messageOf(() => expect(7).toHaveCalledTool("x"))).toContain("is for a response");
    expectTypeOf<ToolNameOf<typeof response>>().toEqualTypeOf<"count" | "list">();
    expectTypeOf<ToolNameOf<typeof run>>().toEqualTypeOf<"count" | "list">();
  });

  test("toCostAtMost counts every attempt, and fails where no price is certain", async () => {
    const usage = { inputTokens: 1_000_000, outputTokens: 1 };
    const model = fake([answer({ text: "x", usage }), answer({ text: "x", usage })]);
    const response = await ask.with({ layers: [model] })("x");
    expect(response).toCostAtMost(0.2);
    expect(response).not.toCostAtMost(0.1);
    expect(messageOf(() => expect(response).toCostAtMost(0.1))).toMatch(
      /^Expected a cost of at most \$0\.1\.\nIt cost \$0\.15/,
    );
    const unknown = await ask.with({ layers: [model], model: "nobody-knows" })("x");
    for (const check of [() => expect(unknown).toCostAtMost(9), () => expect(unknown).not.toCostAtMost(9)]) {
      expect(messageOf(check)).toContain("no certain price is known");
    }
    expect(messageOf(() => expect("x").toCostAtMost(1))).toContain("is for a response");
  });
});
