import assert from "node:assert/strict";
import test from "node:test";
import { within } from "callscope";
import { answer, fake, noRequests } from "callscope/testing";
import { recommendBook } from "./books.mjs";

test("looks a book up", async () => {
  const model = fake([answer({ toolCalls: [{ name: "find_book", args: { genre: "fantasy" } }] })]);
  const { tool } = await within({ layers: [model] }, () => recommendBook("fantasy"));
  assert.deepEqual(tool?.args, { genre: "fantasy" });
  model.done();
});

test("sends nothing", async () => {
  await within({ layers: [noRequests()] }, () => assert.rejects(recommendBook("fantasy"), /was about to leave/));
});
