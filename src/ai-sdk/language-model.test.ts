import { tool as aiTool, generateText, jsonSchema, Output, stepCountIs, streamText, ToolLoopAgent } from "ai";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { completion, startChat, textChunks, toolCall, toolChunks } from "../../test/support/chat-server.ts";
import { Messages } from "../message/message.ts";
import type { Message } from "../message/parts.ts";
import { openai } from "../providers/openai/index.ts";
import { languageModel } from "./index.ts";

const weather = aiTool({
  description: "Tells the weather.",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, sky: "clear" }),
});

describe("generateText", () => {
  test("asks through the call: its prompt, its parameters, the SDK's settings; text, usage, metadata", async () => {
    await using server = await startChat(completion({ content: "Dune." }));
    const call = openai.call(
      "gpt-4o-mini",
      { client: server.client, callParams: { user: "u1" } },
      (messages: readonly Message[]) => [Messages.system("Be brief."), ...messages],
    );
    const result = await generateText({
      model: languageModel(call),
      prompt: "A book?",
      temperature: 0.5,
      maxOutputTokens: 50,
      headers: { "x-a": "1" },
    });
    expect(result.text).toBe("Dune.");
    expect(server.bodies[0]).toEqual({
      model: "gpt-4o-mini",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "A book?" },
      ],
      user: "u1",
      temperature: 0.5,
      max_completion_tokens: 50,
    });
    expect(server.requests[0]?.headers).toMatchObject({ "x-a": "1" });
    console.log(result.usage, result.finishReason, result.providerMetadata, result.response.modelId, result.warnings);
  });

  test("runs the SDK's tools", async () => {
    await using server = await startChat(
      completion({ tool_calls: [toolCall("weather", { city: "Oslo" }, "call_1")] }),
      completion({ content: "Clear." }),
    );
    const result = await generateText({
      model: languageModel(openai.call("gpt-4o-mini", { client: server.client })),
      prompt: "Oslo?",
      tools: { weather },
      stopWhen: stepCountIs(3),
    });
    expect(result.text).toBe("Clear.");
    console.log(JSON.stringify(server.bodies, null, 1));
  });
});

describe("streamText", () => {
  test("streams", async () => {
    await using server = await startChat(
      toolChunks("weather", "call_1", ['{"city"', ':"Oslo"}']),
      textChunks("Cle", "ar."),
    );
    const result = streamText({
      model: languageModel(openai.call("gpt-4o-mini", { client: server.client })),
      prompt: "Oslo?",
      tools: { weather },
      stopWhen: stepCountIs(3),
    });
    const parts: unknown[] = [];
    for await (const part of result.fullStream) parts.push(part);
    console.log(parts.map((p) => JSON.stringify(p).slice(0, 150)).join("\n"));
    expect(await result.text).toBe("Clear.");
  });
});
