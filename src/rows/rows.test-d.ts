// Type tests: compiled, never run. Every line must type-check and every @ts-expect-error must be an error.

import * as z from "zod";
import { fallback } from "../combine/fallback.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import type { ToolLoopResult } from "../loop/types.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import type { CallResponse } from "../read/response.ts";
import { tool } from "../tools/tool.ts";
import { csv, estimate, jsonl, map } from "./index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};
const Book = z.object({ title: z.string(), author: z.string() });
type Book = { title: string; author: string };
const extract = openai.call("gpt-4o-mini", { responseModel: Book }, (text: string) => `Extract ${text}`);
const compare = anthropic.call("claude-haiku-4-5", (one: string, other: string) => `Compare ${one} and ${other}`);
const count = tool({ name: "count", parameters: Book, call: ({ title }) => title.length });

const rows = [{ id: "1", text: "Dune by Frank Herbert" }];
const run = map(extract, rows, {
  key: (row) => row.id,
  args: (row) => [row.text],
  concurrency: 16,
  journal: "nightly.db",
});
for await (const row of run) {
  row.key satisfies string;
  if (row.status === "done") assert<Equal<typeof row.value, Book>>();
  else row.error satisfies unknown;
  row.cost satisfies number | undefined;
}
const totals = await map(extract, ["Dune", "Emma"]);
totals.done satisfies number;
totals.failed satisfies number;
totals.cost satisfies number | undefined;
const pairs = map(compare, [1, 2], { args: (row) => [`${row}`, "b"], tag: (row) => row.toFixed() });
for await (const row of pairs) if (row.status === "done") row.value satisfies CallResponse;
for await (const row of map(
  openai.call("m", { stream: true }, (text: string) => text),
  ["a"],
))
  if (row.status === "done") row.value.content satisfies string;
for await (const row of map(
  openai.call("m", { stream: true, responseModel: Book }, (text: string) => text),
  ["a"],
))
  if (row.status === "done") assert<Equal<typeof row.value, Book>>();
const loop = toolLoop(openai.call("m", { tools: [count] }, (text: string) => text));
for await (const row of map(loop, new Set(["a"])))
  if (row.status === "done") row.value satisfies Pick<ToolLoopResult<never, never>, "status">;
for await (const row of map(
  openai.call("m", { outputParser: () => 3 }, (text: string) => text),
  ["a"],
))
  if (row.status === "done") assert<Equal<typeof row.value, number>>();
map(extract, jsonl("a.jsonl", { schema: z.object({ text: z.string() }) }), { args: ({ text }) => [text] });
map(extract, csv("a.csv"), { args: ({ title = "" }) => [title], key: ({ id = "" }) => id });
const template = openai.call("m", (book: { title: string }) => book.title);
map(template, [{ title: "Dune", more: 1 }], { key: (row) => `${row.more}` });

const either = fallback(
  extract,
  anthropic.call("claude-haiku-4-5", { responseModel: Book }, (text: string) => text),
);
for await (const row of map(either, ["Dune", "Emma"], { journal: "nightly.db" }))
  if (row.status === "done") assert<Equal<typeof row.value, Book>>();
estimate(either, ["Dune"]);

// --- what does not fit
// @ts-expect-error arguments are the call's
map(extract, rows, { key: (row) => row.id, args: (row) => [row.id.length], journal: "nightly.db" });
// @ts-expect-error a row is not the argument
map(extract, rows);
// @ts-expect-error a row is not the argument
map(extract, rows, { journal: "nightly.db" });
// @ts-expect-error two arguments are not made of one row
map(compare, ["a"]);
// @ts-expect-error a typo
map(extract, ["a"], { concurency: 3 });
// @ts-expect-error lines may be anything
map(extract, jsonl("a.jsonl"));

const cost = await estimate(extract, rows, { args: (row) => [row.text] });
cost.inputTokens satisfies number;
cost.live satisfies object;
cost.batch satisfies object | undefined;
// @ts-expect-error arguments are the call's
estimate(extract, rows, { args: (row) => [row.id.length] });
// @ts-expect-error a loop is not known before it runs
estimate(loop, ["a"]);
