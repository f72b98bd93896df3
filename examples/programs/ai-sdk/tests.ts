import assert from "node:assert/strict";
import { test } from "node:test";
import { APICallError, generateText, type LanguageModel, NoObjectGeneratedError, Output } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import * as z from "zod";

const Book = z.object({ title: z.string(), year: z.int() });

async function findBook(model: LanguageModel, genre: string) {
  const prompt = `Recommend a ${genre} book`;
  const { output } = await generateText({ model, output: Output.object({ schema: Book }), prompt, maxRetries: 0 });
  return output;
}

function saying(value: object) {
  return new MockLanguageModelV4({
    doGenerate: async () => ({
      content: [{ type: "text", text: JSON.stringify(value) }],
      finishReason: { unified: "stop", raw: undefined },
      usage: {
        inputTokens: { total: 20, noCache: 20, cacheRead: undefined, cacheWrite: undefined },
        outputTokens: { total: 9, text: 9, reasoning: undefined },
      },
      warnings: [],
    }),
  });
}

test("a book of the genre is asked for", async () => {
  const model = saying({ title: "Dune", year: 1965 });
  assert.deepEqual(await findBook(model, "fantasy"), { title: "Dune", year: 1965 });
  assert.match(JSON.stringify(model.doGenerateCalls[0]?.prompt), /a fantasy book/);
});

test("an answer that does not fit is no book", async () => {
  const model = saying({ title: "Dune", year: "long ago" });
  await assert.rejects(findBook(model, "fantasy"), NoObjectGeneratedError);
});

test("a rate limit reaches the caller", async () => {
  const model = new MockLanguageModelV4({
    doGenerate: async () => {
      throw new APICallError({ message: "Slow down", url: "", requestBodyValues: {}, statusCode: 429 });
    },
  });
  await assert.rejects(findBook(model, "fantasy"), { statusCode: 429 });
});
