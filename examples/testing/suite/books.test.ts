import { tool, within } from "callscope";
import { openai } from "callscope/openai";
import { answer, fake } from "callscope/testing";
import type {} from "callscope/testing/vitest"; // the types of the matchers
import { expect, test } from "vitest";
import * as z from "zod";

const findBook = tool({ name: "find_book", parameters: z.object({ genre: z.string() }), call: () => "Dune" });
const recommendBook = openai.call("gpt-4o-mini", { tools: [findBook] }, (genre: string) => `Recommend a ${genre} book`);

// #region matchers
test("looks a book up", async () => {
  const model = fake([answer({ toolCalls: [{ name: "find_book", args: { genre: "fantasy" } }] })]);
  const response = await within({ layers: [model] }, () => recommendBook("fantasy"));
  expect(model).toHaveSent("Recommend a fantasy book");
  expect(model).toHaveSent({ model: "gpt-4o-mini" });
  expect(response).toHaveCalledTool("find_book", { genre: "fantasy" });
  expect(response).toCostAtMost(0.001);
});
// #endregion

// #region refused
test("sends nothing", async () => {
  await expect(recommendBook("fantasy")).rejects.toThrow("was about to leave");
});
// #endregion
