import { beforeEach, expect, test, vi } from "vitest";

// In each of these nothing is there yet of what a call needs: it is being loaded.
beforeEach(() => void vi.resetModules());
const load = async () => (await import("../providers/openai/index.ts")).openai;

const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "Dune", refusal: null }, finish_reason: "stop" }],
};

/** A client that keeps what it was asked. */
function recording() {
  const asked: { readonly messages: readonly { readonly content: string }[] }[] = [];
  const create = async (request: (typeof asked)[number]) => {
    asked.push(request);
    return answer;
  };
  return { asked, client: { chat: { completions: { create } } } as never };
}

test("the first call runs its prompt at once, with the arguments as they are then", async () => {
  const openai = await load();
  const { asked, client } = recording();
  let runs = 0;
  const recommend = openai.call("gpt-4o-mini", { client }, (genres: string[]) => {
    runs++;
    return `Recommend ${genres.join(" and ")}`;
  });
  const genres = ["fantasy"];
  const promise = recommend(genres);
  expect(runs).toBe(1);
  genres.push("crime");
  const response = await promise;
  expect(response.content).toBe("Dune");
  expect(response.fnArgs).toEqual([["fantasy"]]);
  expect(asked.map(({ messages }) => messages.map(({ content }) => content))).toEqual([["Recommend fantasy"]]);
});

test("calls that come while it is loaded are answered, too, and a prompt that throws rejects its own call alone", async () => {
  const openai = await load();
  const { asked, client } = recording();
  const recommend = openai.call("gpt-4o-mini", { client }, (genre: string) => {
    if (genre === "") throw new Error("No genre.");
    return `Recommend ${genre}`;
  });
  const settled = await Promise.allSettled([recommend("crime"), recommend(""), recommend("poetry")]);
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(asked).toHaveLength(2);
});
