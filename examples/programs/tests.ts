import assert from "node:assert/strict";
import { test } from "node:test";
import { ParseError, within } from "callscope";
import { openai } from "callscope/openai";
import { answer, failure, fake } from "callscope/testing";
import * as z from "zod";

const Book = z.object({ title: z.string(), year: z.int() });
const findBook = openai.call("gpt-4o-mini", { responseModel: Book }, (genre: string) => `Recommend a ${genre} book`);

test("a book of the genre is asked for", async () => {
  const model = fake([answer({ value: { title: "Dune", year: 1965 } })]);
  const book = await within({ layers: [model] }, () => findBook("fantasy"));
  assert.deepEqual(book, { title: "Dune", year: 1965 });
  assert.match(JSON.stringify(model.requests[0]?.prepared.request), /a fantasy book/);
});

test("an answer that does not fit is no book", async () => {
  const model = fake([answer({ value: { title: "Dune", year: "long ago" } })]);
  await assert.rejects(
    within({ layers: [model] }, () => findBook("fantasy")),
    ParseError,
  );
});

test("a rate limit reaches the caller", async () => {
  const model = fake([failure("rate_limit")]);
  await assert.rejects(
    within({ layers: [model] }, () => findBook("fantasy")),
    { status: 429 },
  );
});
