import assert from "node:assert/strict";
import test from "node:test";
import { within } from "callscope";
import { openai } from "callscope/openai";
import { answer, conformance, fake, noRequests } from "callscope/testing";
import { subject } from "../suite/tiny-server.ts";

const recommendBook = openai.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);

// #region quiet
/** A test that sends nothing: what it asks is answered, or refused. */
const quiet = (work: () => Promise<void>) => () => within({ layers: [noRequests()] }, work);

test(
  "recommends a book",
  quiet(async () => {
    const model = fake([answer({ text: "Dune" })]);
    const { content } = await within({ layers: [model] }, () => recommendBook("fantasy"));
    assert.equal(content, "Dune");
    assert.match(JSON.stringify(model.requests[0]?.prepared.request), /Recommend a fantasy book/);
    await assert.rejects(recommendBook("horror"), /was about to leave/);
  }),
);
// #endregion

// #region conforms
for (const { name, run } of conformance(subject)) test(name, run);
// #endregion
