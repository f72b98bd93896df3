import assert from "node:assert/strict";
import { test } from "node:test";
import { within } from "callscope";
import { failure, fake } from "callscope/testing";
import { recommendBook } from "./books.ts";

test("a book is recommended, also where the first request is one too many", async () => {
  const model = fake([failure("rate_limit", { retryAfterMs: 1 }), "Dune"]);
  let text = "";
  await within({ layers: [model] }, async () => {
    for await (const [chunk] of recommendBook("science fiction")) text += chunk.content;
  });
  assert.equal(text, "Dune");
});
