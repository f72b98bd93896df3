import { expect, test } from "@jest/globals";
import { within } from "callscope";
import { answer, fake, matchers, noRequests } from "callscope/testing";
import { recommendBook } from "./books.mjs";

expect.extend(matchers);

test("looks a book up", async () => {
  const model = fake([answer({ toolCalls: [{ name: "find_book", args: { genre: "fantasy" } }] })]);
  const response = await within({ layers: [model] }, () => recommendBook("fantasy"));
  expect(model).toHaveSent({ model: "gpt-4o-mini" });
  expect(response).toHaveCalledTool("find_book", { genre: "fantasy" });
  expect(response).toCostAtMost(0.001);
  expect(() => expect(model).toHaveSent("horror")).toThrow("Expected a request with 'horror' to have been sent.");
});

test("sends nothing", async () => {
  await within({ layers: [noRequests()] }, () =>
    expect(recommendBook("fantasy")).rejects.toThrow("was about to leave"),
  );
});
