import { beforeEach, expect, test } from "vitest";
import { within } from "../../../src/index.ts";
import { openai } from "../../../src/providers/openai/index.ts";
import { fake } from "../../../src/testing/index.ts";

const recommend = openai.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);

let early: unknown;
beforeEach(async () => {
  early = await recommend("early").then(
    () => "sent",
    (error: Error) => error.message,
  );
});

test("nothing leaves a test, nor what prepares it", async () => {
  await expect(recommend("fantasy")).rejects.toThrow("was about to leave");
  expect(early).toContain("was about to leave");
});

test.concurrent("what is answered passes", async () => {
  const model = fake(["Dune"]);
  const response = await within({ layers: [model] }, () => recommend("fantasy"));
  expect(response).toCostAtMost(0.01);
  expect(model).toHaveSent("Recommend a fantasy book");
  expect(model).not.toHaveSent({ model: "gpt-4o" });
});

test("a failing matcher says what it found", async () => {
  const model = fake(["Dune"]);
  await within({ layers: [model] }, () => recommend("fantasy"));
  expect(model).toHaveSent("horror");
});
